%% Float arithmetic in registers: which points of an n by n grid stay bounded
%% for 50 steps. The bitmap is not printed but folded into a checksum.
-module(mandelbrot).
-export([main/0]).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 100
        end,
    {Inside, Checksum} = rows(0, N, 0, 0),
    io:format("~b of ~b points inside, checksum ~b~n", [Inside, N * N, Checksum]),
    halt(0).

rows(N, N, Inside, Checksum) -> {Inside, Checksum};
rows(Y, N, Inside, Checksum) ->
    {Inside1, Checksum1} = row(0, N, 2.0 * Y / N - 1.0, 0, Inside, Checksum),
    rows(Y + 1, N, Inside1, Checksum1).

row(N, N, _, _, Inside, Checksum) -> {Inside, Checksum};
row(X, N, Ci, Byte, Inside, Checksum) ->
    Bit = bounded(50, 2.0 * X / N - 1.5, Ci, 0.0, 0.0, 0.0, 0.0),
    Byte1 = Byte * 2 + Bit,
    if
        X rem 8 =:= 7; X =:= N - 1 ->
            row(X + 1, N, Ci, 0, Inside + Bit, (Checksum * 31 + Byte1) rem 1000003);
        true ->
            row(X + 1, N, Ci, Byte1, Inside + Bit, Checksum)
    end.

bounded(0, _, _, _, _, _, _) -> 1;
bounded(Steps, Cr, Ci, Zr, Zi, Rr, Ii)
  when is_float(Cr), is_float(Ci), is_float(Zr), is_float(Zi), is_float(Rr), is_float(Ii) ->
    Zi1 = 2.0 * Zr * Zi + Ci,
    Zr1 = Rr - Ii + Cr,
    Rr1 = Zr1 * Zr1,
    Ii1 = Zi1 * Zi1,
    if
        Rr1 + Ii1 > 4.0 -> 0;
        true -> bounded(Steps - 1, Cr, Ci, Zr1, Zi1, Rr1, Ii1)
    end.
