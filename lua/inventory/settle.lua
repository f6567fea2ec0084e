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

local units, is_known, is_newer = {}, {}, {}
for line = 1, lines do
  local stock, committed = KEYS[2 * line - 1], KEYS[2 * line]
  local version = redis.call("HGET", stock, "version")
  is_known[line] = version and true or false
  is_newer[line] = version and tonumber(ARGV[2 * line + 1]) > tonumber(version)
  units[line] = tonumber(redis.call("HGET", committed, id) or 0)
end

for line = 1, lines do
  local stock, committed = KEYS[2 * line - 1], KEYS[2 * line]
  redis.call("HDEL", committed, id)
  if is_known[line] then
    redis.call("HINCRBY", stock, "committed", -units[line])
  end
  if is_newer[line] then
    redis.call("HSET", stock, "on_hand", ARGV[2 * line], "version", ARGV[2 * line + 1])
  end
end
return { "settled" }
