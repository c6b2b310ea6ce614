%% Making and dropping small things: full binary trees, many short-lived ones
%% beside one that stays.
-module('binary-trees').
-export([main/0]).

main() ->
    Most = case init:get_plain_arguments() of
               [Text | _] -> list_to_integer(Text);
               [] -> 10
           end,
    Least = 4,
    io:format("depth ~b: ~b nodes~n", [Most + 1, count(grow(Most + 1))]),
    Lasting = grow(Most),
    lists:foreach(
      fun(Depth) ->
              Trees = 1 bsl (Most - Depth + Least),
              io:format("depth ~b: ~b nodes in ~b trees~n", [Depth, many(Trees, Depth, 0), Trees])
      end, lists:seq(Least, Most, 2)),
    io:format("depth ~b: ~b nodes still there~n", [Most, count(Lasting)]),
    halt(0).

grow(0) -> {none, none};
grow(Depth) -> {grow(Depth - 1), grow(Depth - 1)}.

count(none) -> 0;
count({Left, Right}) -> 1 + count(Left) + count(Right).

many(0, _, Nodes) -> Nodes;
many(Trees, Depth, Nodes) -> many(Trees - 1, Depth, Nodes + count(grow(Depth))).
