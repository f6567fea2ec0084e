--[[
Tell how many units of some products are on hand, reserved and committed.

KEYS[3n-2]  stock of product n
KEYS[3n-1]  reservations of product n
KEYS[3n]    buyers of product n

ARGV[1]     run id of this server

Returns
  {"levels", on_hand, reserved, committed, ...}   flat, since Redis writes each list on its own
  {"unknown", product, product, ...}              this server was not told of these
  {"again"}                                       much has run out, some was returned: ask again

Cost O(products), and O(1) for each reservation that ran out, each times log of the product's
]]
local server = ARGV[1]
local products = #KEYS / 3
local now, budget = now_ms(), MOST_LAPSED

local reply, unknown, lapsed, counts = { "levels" }, { "unknown" }, {}, {}
for product = 1, products do
  local stock, reservations = KEYS[3 * product - 2], KEYS[3 * product - 1]
  local fields = { "server", "on_hand", "reserved", "committed", "limit" }
  local known = redis.call("HMGET", stock, unpack(fields))
  if known[1] ~= server then
    unknown[#unknown + 1] = product
  else
    lapsed[product] = find_lapsed(reservations, now, budget)
    budget = lapsed[product].unspent
    counts[product] = tonumber(known[5]) > 0 and count_held(KEYS[3 * product], lapsed[product])
    lapsed[product].left = known[3] - lapsed[product].units
    reply[#reply + 1] = known[2] + 0
    reply[#reply + 1] = lapsed[product].left
    reply[#reply + 1] = known[4] + 0
  end
end

for product, found in pairs(lapsed) do
  if #found.members > 0 then
    return_lapsed(KEYS[3 * product - 1], found, KEYS[3 * product], counts[product] or {})
    redis.call("HSET", KEYS[3 * product - 2], "reserved", found.left)
  end
end
return budget == 0 and { "again" } or #unknown > 1 and unknown or reply
