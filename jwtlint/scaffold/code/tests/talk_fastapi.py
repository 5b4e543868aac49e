"""A WebSocket for the tests: it says what it is told, for as long as the session lives."""

from __future__ import annotations

from fastapi import WebSocket

from ..web import CurrentSession, watch


async def talk(websocket: WebSocket, session: CurrentSession) -> None:
    """Say it again."""
    await websocket.accept()
    async with watch(websocket, session):
        async for text in websocket.iter_text():
            await websocket.send_text(text)
