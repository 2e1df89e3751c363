"""Compare: the same images written down in many ways, under one test."""

from ui import comparing, frame, resources

space = frame.begin(
    "Compare",
    "The same image can be written down in many ways: pixel by pixel, by a few plain questions, "
    "by numbers that a network has learned. Here all of them have to pass the same test, on the "
    "same digits.",
)

with frame.errors_shown():
    found = comparing.Compared(*resources.comparison())
    comparing.ladder(found)
    comparing.maps(found)
    comparing.drawn(found)
with frame.errors_shown():
    comparing.layers(space)
resources.warm_up(space.name)
