--[[
Drop a committed order's units, now that Postgres has deducted them.

On hand is set to what Postgres had after the deduction, unless Redis knows a newer number. So an
order that was settled before, or whose units were committed twice, changes nothing.

KEYS[2n-1]  stock of line n
KEYS[2n]    committed units of line n

ARGV[1]     order id
ARGV[2n]    on hand of line n in Postgres
ARGV[2n+1]  stock version of line n that goes with it

Returns
  {"settled"}   nothing of the order is committed any more

Cost O(lines)
]]
local id = ARGV[1]
local lines = (#ARGV - 1) / 2

local left, is_newer = {}, {}
for line = 1, lines do
  local stock, committed = KEYS[2 * line - 1], KEYS[2 * line]
  local known = redis.call("HMGET", stock, "version", "committed")
  local units = tonumber(redis.call("HGET", committed, id) or 0)
  is_newer[line] = known[1] and tonumber(ARGV[2 * line + 1]) > tonumber(known[1])
  left[line] = known[1] and known[2] - units
end

for line = 1, lines do
  local stock, committed = KEYS[2 * line - 1], KEYS[2 * line]
  redis.call("HDEL", committed, id)
  if left[line] then
    redis.call("HSET", stock, "committed", left[line])
  end
  if is_newer[line] then
    redis.call("HSET", stock, "on_hand", ARGV[2 * line], "version", ARGV[2 * line + 1])
  end
end
return { "settled" }
