-- Float arithmetic in nested loops: the spectral norm of an infinite matrix,
-- by the power method on its upper left n by n corner.
local function entry(i, j)
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

-- Lists count from 1 here and the matrix from 0.
local function times(n, v, out)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(i, j) * v[j + 1] end
    out[i + 1] = sum
  end
end

local function times_transposed(n, v, out)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(j, i) * v[j + 1] end
    out[i + 1] = sum
  end
end

local n = tonumber(arg[1] or 100)
local u, v, scratch = {}, {}, {}
for i = 1, n do u[i] = 1.0 end
for _ = 1, 10 do
  times(n, u, scratch)
  times_transposed(n, scratch, v)
  times(n, v, scratch)
  times_transposed(n, scratch, u)
end
local uv, vv = 0.0, 0.0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
