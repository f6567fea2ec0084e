--[[
Show what Postgres has on hand, unless Redis knows a newer number.

A product that Redis does not know stays unknown: it is loaded whole when somebody asks for it.

KEYS[n]     stock of product n

ARGV[2n-1]  on hand of product n in Postgres
ARGV[2n]    stock version of product n that goes with it

Returns
  {"synced"}   Redis has this number or a newer one, or does not know the product

Cost O(products)
]]
local products = #ARGV / 2

local is_newer = {}
for product = 1, products do
  local version = redis.call("HGET", KEYS[product], "version")
  is_newer[product] = version and tonumber(ARGV[2 * product]) > tonumber(version)
end

for product = 1, products do
  if is_newer[product] then
    local on_hand, version = ARGV[2 * product - 1], ARGV[2 * product]
    redis.call("HSET", KEYS[product], "on_hand", on_hand, "version", version)
  end
end
return { "synced" }
