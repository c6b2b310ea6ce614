%% Calls and small integers: Fibonacci numbers by plain double recursion.
-module(fib).
-export([main/0]).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 27
        end,
    io:format("fib(~b) = ~b~n", [N, fib(N)]),
    halt(0).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
