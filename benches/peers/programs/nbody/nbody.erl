%% Floats in records: the Sun and the four giant planets, n steps of 0.01 days.
-module(nbody).
-export([main/0]).

-define(SOLAR_MASS, (4.0 * 3.141592653589793 * 3.141592653589793)).
-define(YEAR, 365.24).

-record(body, {x, y, z, vx, vy, vz, mass}).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 10000
        end,
    Bodies = settle(solar_system()),
    io:format("~.9f~n", [energy(Bodies, 0.0)]),
    io:format("~.9f~n", [energy(steps(N, Bodies, 0.01), 0.0)]),
    halt(0).

solar_system() ->
    [#body{x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, mass = ?SOLAR_MASS},
     %% Jupiter
     #body{x = 4.84143144246472090, y = -1.16032004402742839, z = -0.103622044471123109,
           vx = 0.00166007664274403694 * ?YEAR, vy = 0.00769901118419740425 * ?YEAR,
           vz = -0.0000690460016972063023 * ?YEAR, mass = 0.000954791938424326609 * ?SOLAR_MASS},
     %% Saturn
     #body{x = 8.34336671824457987, y = 4.12479856412430479, z = -0.403523417114321381,
           vx = -0.00276742510726411021 * ?YEAR, vy = 0.00499852801234917238 * ?YEAR,
           vz = 0.0000230417297573763929 * ?YEAR, mass = 0.000285885980666130812 * ?SOLAR_MASS},
     %% Uranus
     #body{x = 12.8943695621391310, y = -15.1111514016986312, z = -0.223307578892655734,
           vx = 0.00296460137564761618 * ?YEAR, vy = 0.00237847173959480950 * ?YEAR,
           vz = -0.0000296589568540237556 * ?YEAR, mass = 0.0000436624404335156298 * ?SOLAR_MASS},
     %% Neptune
     #body{x = 15.3796971148509165, y = -25.9193146099879641, z = 0.179258772950371181,
           vx = 0.00268067772490389322 * ?YEAR, vy = 0.00162824170038242295 * ?YEAR,
           vz = -0.0000951592254519715870 * ?YEAR, mass = 0.0000515138902046611451 * ?SOLAR_MASS}].

%% Gives the Sun the momentum that makes the whole system rest.
settle([Sun | Planets] = Bodies) ->
    {Px, Py, Pz} =
        lists:foldl(fun(#body{vx = Vx, vy = Vy, vz = Vz, mass = M}, {X, Y, Z}) ->
                            {X + Vx * M, Y + Vy * M, Z + Vz * M}
                    end, {0.0, 0.0, 0.0}, Bodies),
    [Sun#body{vx = -Px / ?SOLAR_MASS, vy = -Py / ?SOLAR_MASS, vz = -Pz / ?SOLAR_MASS} | Planets].

energy([], Total) -> Total;
energy([#body{vx = Vx, vy = Vy, vz = Vz, mass = M} = A | Rest], Total) ->
    Moving = Total + 0.5 * M * (Vx * Vx + Vy * Vy + Vz * Vz),
    energy(Rest, lists:foldl(fun(B, Sum) -> Sum - attraction(A, B) end, Moving, Rest)).

attraction(A, B) ->
    Dx = A#body.x - B#body.x,
    Dy = A#body.y - B#body.y,
    Dz = A#body.z - B#body.z,
    A#body.mass * B#body.mass / math:sqrt(Dx * Dx + Dy * Dy + Dz * Dz).

steps(0, Bodies, _) -> Bodies;
steps(N, Bodies, Dt) -> steps(N - 1, advance(Bodies, Dt), Dt).

%% A body meets each later one, is then done with, and moves.
advance([], _) -> [];
advance([#body{vx = Vx, vy = Vy, vz = Vz} = A | Rest], Dt) ->
    {Moved, Rest1} = meet(Rest, A, Vx, Vy, Vz, Dt, []),
    [Moved | advance(Rest1, Dt)].

meet([], #body{x = X, y = Y, z = Z} = A, Vx, Vy, Vz, Dt, Met) ->
    {A#body{x = X + Dt * Vx, y = Y + Dt * Vy, z = Z + Dt * Vz, vx = Vx, vy = Vy, vz = Vz},
     lists:reverse(Met)};
meet([B | Rest], A, Vx, Vy, Vz, Dt, Met) ->
    #body{x = Ax, y = Ay, z = Az, mass = Am} = A,
    #body{x = Bx, y = By, z = Bz, vx = Bvx, vy = Bvy, vz = Bvz, mass = Bm} = B,
    Dx = Ax - Bx,
    Dy = Ay - By,
    Dz = Az - Bz,
    Square = Dx * Dx + Dy * Dy + Dz * Dz,
    Pull = Dt / (Square * math:sqrt(Square)),
    FromB = Bm * Pull,
    FromA = Am * Pull,
    B1 = B#body{vx = Bvx + Dx * FromA, vy = Bvy + Dy * FromA, vz = Bvz + Dz * FromA},
    meet(Rest, A, Vx - Dx * FromB, Vy - Dy * FromB, Vz - Dz * FromB, Dt, [B1 | Met]).
