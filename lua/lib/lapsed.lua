-- What has run out of a product's reservations: found, then returned, a bounded piece at a time.
--
-- However many reservations lapse in the same moment, no call stops Redis for longer than this
-- many take; where that is not enough to answer exactly, the script says so and is called again.
local MOST_LAPSED = 250

-- Up to `most` reservations whose time is over, but for `own`; writes nothing.
local function find_lapsed(reservations, now, most, own)
  local lapsed = { members = {}, units = 0, units_of = {} }
  local members = redis.call("ZRANGEBYSCORE", reservations, "-inf", now, "LIMIT", 0, most)
  for _, member in ipairs(members) do
    if member ~= own then
      local units, buyer = string.match(member, "^[^:]+:(%d+):(.*)$")
      lapsed.units = lapsed.units + units
      lapsed.units_of[buyer] = (lapsed.units_of[buyer] or 0) + units
      lapsed.members[#lapsed.members + 1] = member
    end
  end
  lapsed.unspent = most - #members
  return lapsed
end

-- What the buyers of lapsed units hold after that; false where that is nothing.
local function count_held(buyers, lapsed)
  local held = {}
  for buyer, units in pairs(lapsed.units_of) do
    local count = (redis.call("HGET", buyers, buyer) or 0) - units
    held[buyer] = count > 0 and string.format("%d", count)
  end
  return held
end

-- Begins with a command that frees, so that it works at full memory too.
local function return_lapsed(reservations, lapsed, buyers, held)
  if #lapsed.members > 0 then
    redis.call("ZREM", reservations, unpack(lapsed.members))
  end
  for buyer, count in pairs(held) do
    if count then
      redis.call("HSET", buyers, buyer, count)
    else
      redis.call("HDEL", buyers, buyer)
    end
  end
end
