--[[
Give up an order's reservation, so that its units are on sale again.

A deadline given as a fence protects whoever reserved again under the same id: only a reservation
that still has that deadline is given up.

KEYS[4n-3]  stock of line n
KEYS[4n-2]  reservations of line n
KEYS[4n-1]  committed units of line n
KEYS[4n]    buyers of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     order id
ARGV[2]     buyer
ARGV[3]     deadline in milliseconds that the reservation must have, or "any"
ARGV[4..]   units, one per line

Returns
  {"released"}               nothing is held for the order under that deadline any more
  {"released", line, ...}    nor of these, of which no server was told: maybe by other counters
  {"committed"}              the order is paid; nothing changed

Cost O(lines), each times log of the product's reservations
]]
local id, buyer, fence = ARGV[1], ARGV[2], ARGV[3]
local lines = #ARGV - 3
local reservation = KEYS[4 * lines + 1]
local is_over = reservation and (fence == "any" or redis.call("GET", reservation) == fence)

local given_up, reply = {}, { "released" }
for line = 1, lines do
  local stock, reservations = KEYS[4 * line - 3], KEYS[4 * line - 2]
  local committed, buyers = KEYS[4 * line - 1], KEYS[4 * line]
  local own = id .. ":" .. tonumber(ARGV[line + 3]) .. ":" .. buyer
  if redis.call("HEXISTS", committed, id) == 1 then
    return { "committed" }
  end
  local known = redis.call("HMGET", stock, "reserved", "limit", "server")
  local own_ms = redis.call("ZSCORE", reservations, own)
  if known[1] and own_ms and (fence == "any" or tonumber(own_ms) == tonumber(fence)) then
    local is_limited = tonumber(known[2]) > 0
    local held = is_limited and (redis.call("HGET", buyers, buyer) or 0) - ARGV[line + 3]
    given_up[line] = { own, known[1] - ARGV[line + 3], held }
  end
  if not known[3] then
    reply[#reply + 1] = line
  end
end

for line, left in pairs(given_up) do
  redis.call("ZREM", KEYS[4 * line - 2], left[1])
  redis.call("HSET", KEYS[4 * line - 3], "reserved", left[2])
  if left[3] and left[3] > 0 then
    redis.call("HSET", KEYS[4 * line], buyer, left[3])
  elseif left[3] then
    redis.call("HDEL", KEYS[4 * line], buyer)
  end
end
if is_over then
  redis.call("DEL", reservation)
end
return reply
