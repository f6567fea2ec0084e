-- One line of an order, looked at as reserve and commit need it; writes nothing.
--
-- `line` has stock, reservations, committed, buyers (its keys) and units; it is given what it
-- lacks, with the order's own reservation set aside: nobody's units count against themselves.
-- False where this server was not told of the product.
local function look(line, server, id, buyer, now, most_lapsed)
  local fields = { "server", "epoch", "on_hand", "reserved", "committed", "limit", "room" }
  local known = redis.call("HMGET", line.stock, unpack(fields))
  if known[1] ~= server then
    return false
  end
  line.own = id .. ":" .. line.units .. ":" .. buyer
  local own_ms = tonumber(redis.call("ZSCORE", line.reservations, line.own) or 0)
  line.own_units = own_ms > 0 and line.units or 0
  line.is_held = own_ms > now
  line.is_committed = redis.call("HEXISTS", line.committed, id) == 1

  line.lapsed = find_lapsed(line.reservations, now, most_lapsed, line.own)
  line.epoch = known[2] + 0
  line.others = known[4] - line.lapsed.units - line.own_units
  line.paid = tonumber(known[5])
  -- Below zero while a deduction waits to be settled: no reason to refuse what is held.
  line.available = math.max(known[3] - line.others - line.paid, 0)

  -- What belongs to nobody, such as a unit that staff take off, has no limit.
  line.limit = buyer ~= "" and tonumber(known[6]) or 0
  line.counts = tonumber(known[6]) > 0 and count_held(line.buyers, line.lapsed) or {}
  line.has_room = line.visitors and buyer ~= "" and known[7] == "1"
  line.is_closed = line.has_room
    and tonumber(redis.call("ZSCORE", line.visitors, buyer) or 0) <= now
  line.allowed = math.huge
  if line.limit > 0 then
    local held, bought = unpack(redis.call("HMGET", line.buyers, buyer, buyer .. "/paid"))
    line.held = (held or 0) - line.own_units - (line.lapsed.units_of[buyer] or 0)
    line.allowed = math.max(line.limit - line.held - string.match(bought or "0", "^%d+"), 0)
  end
  return true
end

-- Every line of a call, those unknown here, the time, and whether more may have run out.
--
-- `each` is how many keys a line has: the last of five is who was let into its waiting room.
local function look_at_all(units_from, each, server, id, buyer)
  local now, budget = now_ms(), MOST_LAPSED
  local lines, unknown = {}, { "unknown" }
  for number = 1, #ARGV - units_from + 1 do
    local line = {
      stock = KEYS[each * (number - 1) + 1],
      reservations = KEYS[each * (number - 1) + 2],
      committed = KEYS[each * (number - 1) + 3],
      buyers = KEYS[each * (number - 1) + 4],
      visitors = each == 5 and KEYS[each * number],
      units = tonumber(ARGV[units_from + number - 1]),
    }
    if look(line, server, id, buyer, now, budget) then
      budget = line.lapsed.unspent
    else
      unknown[#unknown + 1] = number
    end
    lines[number] = line
  end
  return lines, unknown, now, budget == 0
end

-- Gives back what has run out, and leaves everything else as it is.
local function give_back_lapsed(lines)
  for _, line in ipairs(lines) do
    if #line.lapsed.members > 0 then
      return_lapsed(line.reservations, line.lapsed, line.buyers, line.counts)
      redis.call("HSET", line.stock, "reserved", line.others + line.own_units)
    end
  end
end
