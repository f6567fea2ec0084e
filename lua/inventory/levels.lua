--[[
Tell how many units of some products are on hand, reserved and committed.

KEYS[3n-2]  stock of product n
KEYS[3n-1]  reservations of product n
KEYS[3n]    buyers of product n

ARGV[1]     run id of this server

Returns
  {"levels", {on_hand, reserved, committed}, ...}   an empty list for a product that this server
                                                    was not told of
  {"again"}                                         much has run out, some was returned: ask again

Cost O(products), and O(1) for each reservation that ran out, each times log of the product's
]]
local server = ARGV[1]
local products = #KEYS / 3
local now, budget = now_ms(), MOST_LAPSED

local reply, lapsed, counts = { "levels" }, {}, {}
for product = 1, products do
  local stock, reservations = KEYS[3 * product - 2], KEYS[3 * product - 1]
  local fields = { "server", "on_hand", "reserved", "committed", "limit" }
  local known = redis.call("HMGET", stock, unpack(fields))
  reply[product + 1] = {}
  if known[1] == server then
    lapsed[product] = find_lapsed(reservations, now, budget)
    budget = lapsed[product].unspent
    counts[product] = tonumber(known[5]) > 0 and count_held(KEYS[3 * product], lapsed[product])
    local reserved = known[3] - lapsed[product].units
    reply[product + 1] = { known[2] + 0, reserved, known[4] + 0 }
  end
end

for product, found in pairs(lapsed) do
  if #found.members > 0 then
    return_lapsed(KEYS[3 * product - 1], found, KEYS[3 * product], counts[product] or {})
    redis.call("HSET", KEYS[3 * product - 2], "reserved", reply[product + 1][2])
  end
end
return budget == 0 and { "again" } or reply
