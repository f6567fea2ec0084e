"""Units: on hand, reserved, committed; the only room that speaks Lua."""
