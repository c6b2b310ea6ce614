%% Small integers in short lists: for every order of n pancakes, flip the
%% top ones (as many as the first says) until the first is 0; count the flips.
-module(fannkuch).
-export([main/0]).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 8
        end,
    {_, Checksum, Most} = orders(N, lists:seq(0, N - 1), {1, 0, 0}),
    io:format("checksum ~b, most flips for ~b: ~b~n", [Checksum, N, Most]),
    halt(0).

%% All orders that come from this one by rotating prefixes of up to Size:
%% the same orders, one after the other, as counting rotations in an array.
orders(1, Order, Seen) -> count(Order, Seen);
orders(Size, Order, Seen) -> rotations(Size, Size, Order, Seen).

rotations(0, _, _, Seen) -> Seen;
rotations(Left, Size, Order, Seen) ->
    Seen1 = orders(Size - 1, Order, Seen),
    rotations(Left - 1, Size, rotate(Order, Size), Seen1).

rotate([First | Rest], Size) -> put_at(Size - 1, First, Rest).

put_at(0, Item, Rest) -> [Item | Rest];
put_at(Place, Item, [Head | Rest]) -> [Head | put_at(Place - 1, Item, Rest)].

count(Order, {Sign, Checksum, Most}) ->
    Flips = flips(Order, 0),
    {-Sign, Checksum + Sign * Flips, max(Flips, Most)}.

flips([0 | _], Flips) -> Flips;
flips([Top | _] = Pile, Flips) -> flips(flip(Top + 1, Pile, []), Flips + 1).

flip(0, Rest, Flipped) -> lists:reverse(lists:reverse(Flipped), Rest);
flip(Count, [Head | Rest], Flipped) -> flip(Count - 1, Rest, [Head | Flipped]).
