--[[
Tell how many wait for a product, and how many have their turn.

KEYS[1]     queue
KEYS[2]     visitors

Returns
  {"counted", waiting, admitted}   as of now

Cost O(log of who was let in)
]]
local queue, visitors = KEYS[1], KEYS[2]
return {
  "counted",
  redis.call("ZCARD", queue),
  redis.call("ZCOUNT", visitors, now_ms(), "+inf"),
}
