--[[
Give up one's place or turn.

KEYS[1]     queue
KEYS[2]     seen
KEYS[3]     visitors

ARGV[1]     buyer

Returns
  {"left"}   they wait no longer

Cost O(log of who waits)
]]
local queue, seen, visitors, buyer = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
redis.call("ZREM", queue, buyer)
redis.call("ZREM", seen, buyer)
redis.call("ZREM", visitors, buyer)
return { "left" }
