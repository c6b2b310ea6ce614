%% Float arithmetic in nested loops: the spectral norm of an infinite matrix,
%% by the power method on its upper left n by n corner.
-module('spectral-norm').
-export([main/0]).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 100
        end,
    {U, V} = power(10, N, lists:duplicate(N, 1.0), []),
    io:format("~.9f~n", [math:sqrt(dot(U, V, 0.0) / dot(V, V, 0.0))]),
    halt(0).

power(0, _, U, V) -> {U, V};
power(Rounds, N, U, _) ->
    V = times_transposed(N, times(N, U)),
    power(Rounds - 1, N, times_transposed(N, times(N, V)), V).

times(N, V) -> [row(I, 0, V, 0.0) || I <- lists:seq(0, N - 1)].
times_transposed(N, V) -> [column(I, 0, V, 0.0) || I <- lists:seq(0, N - 1)].

row(_, _, [], Sum) -> Sum;
row(I, J, [X | Rest], Sum) -> row(I, J + 1, Rest, Sum + entry(I, J) * X).

column(_, _, [], Sum) -> Sum;
column(I, J, [X | Rest], Sum) -> column(I, J + 1, Rest, Sum + entry(J, I) * X).

entry(I, J) -> 1.0 / ((I + J) * (I + J + 1) div 2 + I + 1).

dot([], [], Sum) -> Sum;
dot([X | Xs], [Y | Ys], Sum) -> dot(Xs, Ys, Sum + X * Y).
