--[[
Drop one counter of a product that a later load split otherwise.

KEYS[1]     stock
KEYS[2]     reservations
KEYS[3]     committed units
KEYS[4]     buyers

ARGV[1]     epoch of that load: what it told, or a later one, stays

Returns
  {"discarded"}   nothing that an earlier load told is there

Cost O(1), the rest is done beside
]]
local stock, reservations, committed, buyers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if tonumber(redis.call("HGET", stock, "epoch") or 0) < tonumber(ARGV[1]) then
  redis.call("UNLINK", stock, reservations, committed, buyers)
end
return { "discarded" }
