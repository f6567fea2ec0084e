"""GET /api/v1/admin/audit-log.csv"""

import datetime
from typing import Any

from ...models.export_audit_log_action_type_1 import ExportAuditLogActionType1
from ...models.export_audit_log_action_type_2_type_1 import ExportAuditLogActionType2Type1
from ...models.export_audit_log_action_type_3_type_1 import ExportAuditLogActionType3Type1
from ...models.export_audit_log_subject_type_1 import ExportAuditLogSubjectType1
from ...models.export_audit_log_subject_type_2_type_1 import ExportAuditLogSubjectType2Type1
from ...models.export_audit_log_subject_type_3_type_1 import ExportAuditLogSubjectType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def export_audit_log(
    shop: Shop,
    *,
    subject: ExportAuditLogSubjectType1
    | ExportAuditLogSubjectType2Type1
    | ExportAuditLogSubjectType3Type1
    | None
    | Unset = UNSET,
    subject_id: None | str | Unset = UNSET,
    actor: None | str | Unset = UNSET,
    action: ExportAuditLogActionType1
    | ExportAuditLogActionType2Type1
    | ExportAuditLogActionType3Type1
    | None
    | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> str:
    """
    Export changes as CSV; that you did is a line of the log too.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

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
        "url": "/api/v1/admin/audit-log.csv",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
