"""GET /api/v1/admin/audit-log"""

import datetime
from typing import Any

from ...models.list_audit_log_action_type_1 import ListAuditLogActionType1
from ...models.list_audit_log_action_type_2_type_1 import ListAuditLogActionType2Type1
from ...models.list_audit_log_action_type_3_type_1 import ListAuditLogActionType3Type1
from ...models.list_audit_log_subject_type_1 import ListAuditLogSubjectType1
from ...models.list_audit_log_subject_type_2_type_1 import ListAuditLogSubjectType2Type1
from ...models.list_audit_log_subject_type_3_type_1 import ListAuditLogSubjectType3Type1
from ...models.record_page import RecordPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_audit_log(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    subject: ListAuditLogSubjectType1
    | ListAuditLogSubjectType2Type1
    | ListAuditLogSubjectType3Type1
    | None
    | Unset = UNSET,
    subject_id: None | str | Unset = UNSET,
    actor: None | str | Unset = UNSET,
    action: ListAuditLogActionType1
    | ListAuditLogActionType2Type1
    | ListAuditLogActionType3Type1
    | None
    | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> RecordPage:
    """
    List changes of stock, money, orders, roles and settings, the newest first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_subject: None | str | Unset
    if isinstance(subject, Unset):
        json_subject = UNSET
    elif isinstance(subject, str):
        json_subject = subject
    elif isinstance(subject, str):
        json_subject = subject
    elif isinstance(subject, str):
        json_subject = subject
    else:
        json_subject = subject
    params["subject"] = json_subject

    json_subject_id: None | str | Unset
    if isinstance(subject_id, Unset):
        json_subject_id = UNSET
    else:
        json_subject_id = subject_id
    params["subject_id"] = json_subject_id

    json_actor: None | str | Unset
    if isinstance(actor, Unset):
        json_actor = UNSET
    else:
        json_actor = actor
    params["actor"] = json_actor

    json_action: None | str | Unset
    if isinstance(action, Unset):
        json_action = UNSET
    elif isinstance(action, str):
        json_action = action
    elif isinstance(action, str):
        json_action = action
    elif isinstance(action, str):
        json_action = action
    else:
        json_action = action
    params["action"] = json_action

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.datetime):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_to: None | str | Unset
    if isinstance(to, Unset):
        json_to = UNSET
    elif isinstance(to, datetime.datetime):
        json_to = to.isoformat()
    else:
        json_to = to
    params["to"] = json_to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/audit-log",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = RecordPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
