"""To be called where the application changes what a user may do: the sessions that must
end then, end.

Give the transaction in which the change is made (``database.within(…)``), so that both
are committed together (OWASP ASVS 5.0 V7.4.2 and V7.4.3). Without one, the sessions end
at once, in a transaction of their own.
"""

from __future__ import annotations

from . import service
from .database import Transaction
from .store import Ended
from .types import Session, UserId


async def password_changed(
    user_id: UserId,
    *,
    keep: Session | None = None,
    by: str | None = None,
    transaction: Transaction | None = None,
) -> Ended:
    """After a change or a reset of the password. ``keep`` is the session that made the
    change; a reset keeps none.
    """
    return await service.store.revoke_all(
        user_id, reason="new password", by=by, keep=keep, transaction=transaction
    )


async def second_factor_changed(
    user_id: UserId,
    *,
    keep: Session | None = None,
    by: str | None = None,
    transaction: Transaction | None = None,
) -> Ended:
    """After a second factor or a passkey was added, replaced or removed."""
    return await service.store.revoke_all(
        user_id, reason="new second factor", by=by, keep=keep, transaction=transaction
    )


async def role_changed(
    user_id: UserId,
    *,
    keep: Session | None = None,
    by: str | None = None,
    transaction: Transaction | None = None,
) -> Ended:
    """After a change of the user's rights. Rights are read from the database at each
    request and so hold at once in any case.

    A user who gains rights by an act of their own keeps the session, and ``rotate``
    gives it a new token.
    """
    return await service.store.revoke_all(
        user_id, reason="role changed", by=by, keep=keep, transaction=transaction
    )


async def account_ended(
    user_id: UserId,
    *,
    by: str,
    reason: str = "account deactivated",
    transaction: Transaction | None = None,
) -> Ended:
    """Before an account is deleted, or after it was switched off."""
    return await service.store.revoke_all(
        user_id, reason=reason, by=by, transaction=transaction
    )
