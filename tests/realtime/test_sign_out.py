"""Signing out ends what is open: the next person at a shared computer must not type as this one."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.test import Client as Browser

from realtime.kinds import Access
from realtime.protocol import CloseCode
from tests.factories import make_user

from .support import Client, NoteKind, User, new_document


@pytest.mark.usefixtures("live")
async def test_signing_out_closes_open_documents(kind: NoteKind) -> None:
    user = await sync_to_async(make_user)()
    kind.rights = {user.pk: Access.WRITE}
    editor = await Client(User(user.pk), new_document()).open()
    browser = Browser()
    await sync_to_async(browser.force_login)(user)
    response = await asyncio.to_thread(browser.post, "/logout/")
    assert response.status_code == 302
    await editor.until(lambda: editor.closed is not None)
    assert editor.closed == CloseCode.ACCESS_CHANGED
