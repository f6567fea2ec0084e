--[[
Drop a committed order's units, now that Postgres has deducted them.

On hand is set to what Postgres had after the deduction, unless Redis knows a newer number; so is
what the buyer of a limited product has paid for. So an order that was settled before, or whose
units were committed twice, changes nothing. What a reload of Postgres' pending reservations put
back for the order is dropped as well.

KEYS[4n-3]  stock of line n
KEYS[4n-2]  reservations of line n
KEYS[4n-1]  committed units of line n
KEYS[4n]    buyers of line n

ARGV[1]     order id
ARGV[2]     buyer
ARGV[4n-1]  units of line n
ARGV[4n]    on hand of line n in Postgres
ARGV[4n+1]  stock version of line n that goes with it
ARGV[4n+2]  units of line n that the buyer has paid for

Returns
  {"settled"}              nothing of the order is committed any more
  {"settled", line, ...}   nor of these, of which no server was told: maybe by other counters

Cost O(lines), each times log of the product's reservations
]]
local id, buyer = ARGV[1], ARGV[2]
local lines = (#ARGV - 2) / 4

local left, reply = {}, { "settled" }
for line = 1, lines do
  local stock, reservations = KEYS[4 * line - 3], KEYS[4 * line - 2]
  local committed, buyers = KEYS[4 * line - 1], KEYS[4 * line]
  local units, version = ARGV[4 * line - 1], tonumber(ARGV[4 * line + 1])
  local known = redis.call("HMGET", stock, "version", "reserved", "committed", "limit", "server")
  local paid = redis.call("HGET", committed, id) or 0
  local own = id .. ":" .. units .. ":" .. buyer
  local reserved = redis.call("ZSCORE", reservations, own) and units or 0
  left[line] = { own = own }
  if not known[5] then
    reply[#reply + 1] = line
  end
  if known[1] then
    left[line].reserved, left[line].committed = known[2] - reserved, known[3] - paid
    left[line].is_newer = version > tonumber(known[1])
    if tonumber(known[4]) > 0 and buyer ~= "" then
      local held, bought = unpack(redis.call("HMGET", buyers, buyer, buyer .. "/paid"))
      left[line].held = (held or 0) - reserved - paid
      left[line].has_bought = version > tonumber(string.match(bought or "0@-1", "@(.+)$"))
    end
  end
end

for line = 1, lines do
  local stock, buyers, now = KEYS[4 * line - 3], KEYS[4 * line], left[line]
  local on_hand, version, bought = ARGV[4 * line], ARGV[4 * line + 1], ARGV[4 * line + 2]
  redis.call("HDEL", KEYS[4 * line - 1], id)
  if now.reserved then
    redis.call("ZREM", KEYS[4 * line - 2], now.own)
    redis.call("HSET", stock, "reserved", now.reserved, "committed", now.committed)
  end
  if now.is_newer then
    redis.call("HSET", stock, "on_hand", on_hand, "version", version)
  end
  if now.held and now.held > 0 then
    redis.call("HSET", buyers, buyer, now.held)
  elseif now.held then
    redis.call("HDEL", buyers, buyer)
  end
  if now.has_bought then
    redis.call("HSET", buyers, buyer .. "/paid", bought .. "@" .. version)
  end
end
return reply
