"""The order of frames, with decoders drawn at random."""

from hypothesis import given
from hypothesis import strategies as st

from scenewise.video.frame_order import REORDER, FrameOrder, Slot


def shown(order: FrameOrder[int], final: bool = False) -> list[tuple[int | None, int | None]]:
    """(frame, pts) of the frames that are ready."""
    return [(slot.frame, None if slot.time is None else slot.time.pts) for slot in order.ready(final=final)]


@st.composite
def coded(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Presentation times in order of decoding, reordered within small groups, with uneven steps between them."""
    steps = draw(st.lists(st.integers(1, 500), min_size=1, max_size=60))
    times = [sum(steps[: n + 1]) for n in range(len(steps))]
    decoding: list[int] = []
    rest = times[:]
    while rest:
        size = draw(st.integers(1, 6))
        group, rest = rest[:size], rest[size:]
        decoding += [group[-1], *draw(st.permutations(group[:-1]))]
    return times, decoding


@given(stream=coded(), data=st.data())
def test_every_packet_keeps_its_place_whatever_fails(stream: tuple[list[int], list[int]], data: st.DataObject) -> None:
    """A decoder that gives frames in order of time as soon as it can; some fail, vanish silently or are corrupt."""
    times, decoding = stream
    fate = {time: data.draw(st.sampled_from(["good", "good", "fails", "silent", "corrupt"])) for time in times}
    if fate[times[0]] == "silent":
        fate[times[0]] = "fails"
    order = FrameOrder[int](second=1000)
    slots: list[tuple[int | None, int | None]] = []
    held: dict[int, int] = {}
    for place, time in enumerate(decoding):
        number = order.send(time, place)
        if fate[time] == "fails":
            order.fail(number)
        elif fate[time] != "silent":
            held[time] = number
        for ready in sorted(held):
            if all(ready < later for later in decoding[place + 1 :]):
                order.receive(held.pop(ready), ready if fate[ready] == "good" else None)
        slots += shown(order)
        assert len(order._arrived) <= REORDER
    slots += shown(order, final=True)
    assert [time for _, time in slots] == times
    assert [frame for frame, _ in slots] == [time if fate[time] == "good" else None for time in times]


def test_no_frame_is_held_back_while_nothing_fails() -> None:
    order = FrameOrder[int]()
    for time in range(50):
        order.receive(order.send(time, time), time)
        assert shown(order) == [(time, time)]


def test_guessed_times_are_assigned_in_the_decoders_order() -> None:
    """H.264 with B-frames in AVI: decoded I P B, guessed 1 2 3, shown I B P."""
    order = FrameOrder[str](times_stored=False)
    numbers = [order.send(time, time) for time in (1, 2, 3)]
    for number, picture in ((numbers[0], "I"), (numbers[2], "B"), (numbers[1], "P")):
        order.receive(number, picture)
    assert [(slot.frame, slot.time.pts) for slot in order.ready(final=True) if slot.time] == [
        ("I", 1),
        ("B", 2),
        ("P", 3),
    ]


def test_second_fields_owe_nothing() -> None:
    """Each H.264 field in a packet, with times or without."""
    for second_field in (1, None):
        order = FrameOrder[int]()
        slots = []
        for time in range(0, 200, 2):
            number = order.send(time, time)
            order.send(None if second_field is None else time + 1, time + 1)
            order.receive(number, time, fields=True)
            slots += shown(order)
        slots += shown(order, final=True)
        assert slots == [(time, time) for time in range(0, 200, 2)]
        assert len(order._owed) <= 4 * REORDER


def test_a_packet_of_parameters_owes_nothing() -> None:
    order = FrameOrder[int]()
    slots = []
    for time in range(10):
        order.fail(order.send(time, 2 * time))
        order.receive(order.send(time, 2 * time + 1), time)
        slots += shown(order)
    assert slots + shown(order, final=True) == [(time, time) for time in range(10)]


def test_pictures_that_players_never_show_owe_nothing() -> None:
    order = FrameOrder[int]()
    discarded = order.send(-3, 0, owes=False)
    order.fail(discarded)
    key, leading = order.send(5, 1), order.send(2, 2)
    order.receive(key, 5)
    order.receive(order.send(6, 3), 6)
    assert shown(order, final=True) == [(5, 5), (6, 6)]
    assert leading == 2


def test_a_second_frame_of_one_packet_is_dropped() -> None:
    order = FrameOrder[int]()
    number = order.send(0, 0)
    order.receive(number, 0)
    order.receive(number, 1)
    assert shown(order, final=True) == [(0, 0)]


def test_a_frame_of_unknown_packet_takes_the_oldest_that_owes() -> None:
    order = FrameOrder[int]()
    for time in range(3):
        order.send(time, time)
        order.receive(None, time)
    assert shown(order, final=True) == [(0, 0), (1, 1), (2, 2)]


def test_frames_after_a_restarted_clock_come_later() -> None:
    order = FrameOrder[int](second=10)
    slots: list[tuple[int | None, int | None]] = []
    for time in [*range(0, 40, 5), *range(0, 40, 5)]:
        number = order.send(time, time)
        if time == 20:
            order.fail(number)
        else:
            order.receive(number, time)
        slots += shown(order)
    slots += shown(order, final=True)
    assert [time for _, time in slots] == [*range(0, 40, 5), *range(0, 40, 5)]
    assert [slot for slot, _ in slots].count(None) == 2


def test_slots_are_compared_by_identity() -> None:
    """Pictures cannot be compared by value, so slots are not either."""
    assert Slot(None, None) != Slot(None, None)
