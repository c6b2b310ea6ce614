local messages = tonumber(arg[1])

local function side(other, last)
  return coroutine.wrap(function(left)
    while left > 0 do
      left = coroutine.yield(other, left - 1)
    end
    return nil, last
  end)
end

local sides = { side(2, "a pong"), side(1, "a ping") }
local at, left = 1, messages
repeat
  local next, value = sides[at](left)
  at, left = next, value
until not at
print("the last was " .. left)
