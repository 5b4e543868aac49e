from django.contrib.auth.models import AbstractUser
from django.db import models

from accounts import tokens


class User(AbstractUser):
    class Role(models.TextChoices):
        MEMBER = "member"
        MANAGER = "manager"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)

    @property
    def token(self):
        return tokens.mint(self)


class Member(User):
    class Meta:
        proxy = True
