# Floats in records: the Sun and the four giant planets, n steps of 0.01 days.
import sys
from math import pi, sqrt

SOLAR_MASS = 4.0 * pi * pi
YEAR = 365.24


class Body:
    __slots__ = ("x", "y", "z", "vx", "vy", "vz", "mass")

    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz = vx, vy, vz
        self.mass = mass


def solar_system():
    sun = Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SOLAR_MASS)
    jupiter = Body(
        4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
        0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
        0.000954791938424326609 * SOLAR_MASS,
    )
    saturn = Body(
        8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
        -0.00276742510726411021 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
        0.000285885980666130812 * SOLAR_MASS,
    )
    uranus = Body(
        12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
        0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
        0.0000436624404335156298 * SOLAR_MASS,
    )
    neptune = Body(
        15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
        0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
        0.0000515138902046611451 * SOLAR_MASS,
    )
    return [sun, jupiter, saturn, uranus, neptune]


def settle(bodies):
    """Gives the Sun the momentum that makes the whole system rest."""
    px = py = pz = 0.0
    for b in bodies:
        px += b.vx * b.mass
        py += b.vy * b.mass
        pz += b.vz * b.mass
    sun = bodies[0]
    sun.vx = -px / SOLAR_MASS
    sun.vy = -py / SOLAR_MASS
    sun.vz = -pz / SOLAR_MASS


def energy(bodies):
    total = 0.0
    for i, a in enumerate(bodies):
        total += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
        for b in bodies[i + 1:]:
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            total -= a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    return total


def advance(bodies, dt):
    count = len(bodies)
    for i in range(count):
        a = bodies[i]
        ax, ay, az, mass = a.x, a.y, a.z, a.mass
        vx, vy, vz = a.vx, a.vy, a.vz
        for j in range(i + 1, count):
            b = bodies[j]
            dx = ax - b.x
            dy = ay - b.y
            dz = az - b.z
            square = dx * dx + dy * dy + dz * dz
            pull = dt / (square * sqrt(square))
            from_b = b.mass * pull
            from_a = mass * pull
            vx -= dx * from_b
            vy -= dy * from_b
            vz -= dz * from_b
            b.vx += dx * from_a
            b.vy += dy * from_a
            b.vz += dz * from_a
        a.vx, a.vy, a.vz = vx, vy, vz
    for b in bodies:
        b.x += dt * b.vx
        b.y += dt * b.vy
        b.z += dt * b.vz


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    bodies = solar_system()
    settle(bodies)
    print(f"{energy(bodies):.9f}")
    for _ in range(n):
        advance(bodies, 0.01)
    print(f"{energy(bodies):.9f}")


main()
