-- Floats in records: the Sun and the four giant planets, n steps of 0.01 days.
local sqrt = math.sqrt
local SOLAR_MASS = 4.0 * math.pi * math.pi
local YEAR = 365.24

local bodies = {
  { x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, mass = SOLAR_MASS },
  { -- Jupiter
    x = 4.84143144246472090, y = -1.16032004402742839, z = -0.103622044471123109,
    vx = 0.00166007664274403694 * YEAR, vy = 0.00769901118419740425 * YEAR, vz = -0.0000690460016972063023 * YEAR,
    mass = 0.000954791938424326609 * SOLAR_MASS,
  },
  { -- Saturn
    x = 8.34336671824457987, y = 4.12479856412430479, z = -0.403523417114321381,
    vx = -0.00276742510726411021 * YEAR, vy = 0.00499852801234917238 * YEAR, vz = 0.0000230417297573763929 * YEAR,
    mass = 0.000285885980666130812 * SOLAR_MASS,
  },
  { -- Uranus
    x = 12.8943695621391310, y = -15.1111514016986312, z = -0.223307578892655734,
    vx = 0.00296460137564761618 * YEAR, vy = 0.00237847173959480950 * YEAR, vz = -0.0000296589568540237556 * YEAR,
    mass = 0.0000436624404335156298 * SOLAR_MASS,
  },
  { -- Neptune
    x = 15.3796971148509165, y = -25.9193146099879641, z = 0.179258772950371181,
    vx = 0.00268067772490389322 * YEAR, vy = 0.00162824170038242295 * YEAR, vz = -0.0000951592254519715870 * YEAR,
    mass = 0.0000515138902046611451 * SOLAR_MASS,
  },
}

-- Gives the Sun the momentum that makes the whole system rest.
local function settle(bodies)
  local px, py, pz = 0.0, 0.0, 0.0
  for i = 1, #bodies do
    local b = bodies[i]
    px = px + b.vx * b.mass
    py = py + b.vy * b.mass
    pz = pz + b.vz * b.mass
  end
  local sun = bodies[1]
  sun.vx = -px / SOLAR_MASS
  sun.vy = -py / SOLAR_MASS
  sun.vz = -pz / SOLAR_MASS
end

local function energy(bodies)
  local total = 0.0
  for i = 1, #bodies do
    local a = bodies[i]
    total = total + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      total = total - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return total
end

local function advance(bodies, dt)
  local count = #bodies
  for i = 1, count do
    local a = bodies[i]
    local ax, ay, az, mass = a.x, a.y, a.z, a.mass
    local vx, vy, vz = a.vx, a.vy, a.vz
    for j = i + 1, count do
      local b = bodies[j]
      local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
      local square = dx * dx + dy * dy + dz * dz
      local pull = dt / (square * sqrt(square))
      local from_b, from_a = b.mass * pull, mass * pull
      vx = vx - dx * from_b
      vy = vy - dy * from_b
      vz = vz - dz * from_b
      b.vx = b.vx + dx * from_a
      b.vy = b.vy + dy * from_a
      b.vz = b.vz + dz * from_a
    end
    a.vx, a.vy, a.vz = vx, vy, vz
  end
  for i = 1, count do
    local b = bodies[i]
    b.x = b.x + dt * b.vx
    b.y = b.y + dt * b.vy
    b.z = b.z + dt * b.vz
  end
end

local n = tonumber(arg[1] or 10000)
settle(bodies)
print(string.format("%.9f", energy(bodies)))
for _ = 1, n do advance(bodies, 0.01) end
print(string.format("%.9f", energy(bodies)))
