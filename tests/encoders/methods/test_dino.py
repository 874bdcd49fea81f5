"""The loss, the centre and the teacher against equations 1 to 4 and algorithm 1 of arXiv 2104.14294."""

import math

import pytest
import torch
from torch import Tensor

from dejavu_tui.encoders.learner import Batch, Moment
from dejavu_tui.encoders.learners.distillation import Prototypes, TeacherTemperature
from dejavu_tui.encoders.methods.dino import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import START, Given

Rows = list[list[float]]
LATER = Moment(6, 10, 2)


class Turned(Given):
    """A teacher unlike its student."""

    def forward(self, view: Tensor) -> tuple[Tensor, ...]:
        return (view.roll(1, 1) + 0.5,)


def unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in row))
    return [value / length for value in row]


def cosines(rows: Rows, directions: Rows) -> Rows:
    return [[sum(a * b for a, b in zip(unit(row), unit(one), strict=True)) for one in directions] for row in rows]


def softmax(row: list[float], temperature: float) -> list[float]:
    powers = [math.exp(value / temperature) for value in row]
    return [power / sum(powers) for power in powers]


def oracle(
    students: list[Rows], teachers: list[Rows], centre: list[float], temperatures: tuple[float, float]
) -> float:
    """Outputs over the prototypes of all views of the student, and of the large ones of the teacher."""
    total, count = 0.0, 0
    for t, teacher in enumerate(teachers):
        for s, student in enumerate(students):
            if s == t:
                continue
            for row, other in zip(teacher, student, strict=True):
                p = softmax([value - c for value, c in zip(row, centre, strict=True)], temperatures[0])
                q = softmax(other, temperatures[1])
                total -= sum(a * math.log(b) for a, b in zip(p, q, strict=True))
                count += 1
    return total / count


@pytest.mark.parametrize("small", [0, 1, 3])
def test_loss_is_the_papers(small: int) -> None:
    options = Options(prototypes=6, student_temperature=0.3, teacher_temperature=0.2, teacher_warmup=0)
    module = build(Encoder("convnet", "5"), options, classes=1).double()
    module.encoder, module.teacher = Given(), Turned()
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        module.teacher_prototypes.weight.add_(torch.randn(6, 5, generator=generator, dtype=torch.float64))
    student, teacher = module.prototypes.weight.tolist(), module.teacher_prototypes.weight.tolist()
    centre = [0.0] * 6
    for _ in range(3):  # the centre moves
        views = [torch.randn(4, 5, generator=generator, dtype=torch.float64) for _ in range(2 + small)]
        shown = Batch((views[0], views[1]), torch.zeros(4), LATER, tuple(views[2:]))
        loss, embedding, terms = module(shown)
        learnt = [cosines(view.tolist(), student) for view in views]
        taught = [cosines(Turned()(view)[0].tolist(), teacher) for view in views[:2]]
        assert loss.item() == pytest.approx(oracle(learnt, taught, centre, (0.2, 0.3)), rel=1e-9)
        assert (terms["entropy"] + terms["divergence"]).item() == pytest.approx(loss.item(), rel=1e-9)
        assert terms["divergence"] > 0
        assert torch.equal(embedding, Turned()(views[0])[0])
        means = [sum(column) / 8 for column in zip(*taught[0], *taught[1], strict=True)]
        centre = [0.9 * c + 0.1 * mean for c, mean in zip(centre, means, strict=True)]
        assert module.centre.tolist() == pytest.approx(centre, rel=1e-9)


def test_the_entropy_is_the_teachers() -> None:
    module = build(
        Encoder("convnet", "5"), Options(prototypes=6, teacher_temperature_first=0.2), classes=1
    ).double()
    module.encoder = module.teacher = Given()
    views = torch.randn(4, 5, dtype=torch.float64), torch.randn(4, 5, dtype=torch.float64)
    outputs = cosines(torch.cat(views).tolist(), module.prototypes.weight.tolist())
    entropy = module(Batch(views, torch.zeros(4), START)).terms["entropy"]
    wanted = [-sum(p * math.log(p) for p in softmax(row, 0.2)) for row in outputs]
    assert entropy.item() == pytest.approx(sum(wanted) / 8, rel=1e-9)


def test_the_teachers_temperature_rises_linearly_and_stays() -> None:
    schedule = TeacherTemperature(0.04, 0.07, 4)
    assert [schedule.at(epoch) for epoch in range(6)] == pytest.approx([0.04, 0.05, 0.06, 0.07, 0.07, 0.07])
    assert [TeacherTemperature(0.04, 0.07, 1).at(epoch) for epoch in range(2)] == [0.04, 0.07]
    assert TeacherTemperature(0.04, 0.07, 0).at(0) == 0.07


def test_the_temperature_of_the_epoch_is_used() -> None:
    views = torch.randn(4, 5), torch.randn(4, 5)
    entropies = []
    for at in (START, LATER):
        options = Options(prototypes=6, teacher_warmup=2, teacher_temperature_first=0.01, teacher_temperature=1)
        torch.manual_seed(0)
        module = build(Encoder("convnet", "5"), options, classes=1)
        module.encoder = module.teacher = Given()
        entropies.append(module(Batch(views, torch.zeros(4), at)).terms["entropy"].item())
    assert entropies[0] < 0.9 * entropies[1]


@pytest.mark.parametrize(("frozen", "moves"), [(1, False), (0, True)])
def test_the_prototypes_are_frozen_in_the_first_epochs(frozen: int, moves: bool) -> None:
    module = build(Encoder("convnet", "5"), Options(prototypes=6, frozen_epochs=frozen), classes=1)
    module.encoder = module.teacher = Given()
    views = torch.randn(4, 5, requires_grad=True), torch.randn(4, 5)
    free = build(Encoder("convnet", "5"), Options(prototypes=6, frozen_epochs=0), classes=1)
    free.encoder = free.teacher = Given()
    free.load_state_dict(module.state_dict())
    wanted = torch.autograd.grad(free(Batch(views, torch.zeros(4), START)).loss, views[0])[0]
    module(Batch(views, torch.zeros(4), START)).loss.backward()
    gradient = module.prototypes.weight.grad
    assert gradient is not None
    assert bool((gradient != 0).any()) == moves
    assert views[0].grad is not None
    assert torch.allclose(views[0].grad, wanted, atol=1e-7)


@pytest.mark.parametrize("step", [0, 4, 10])
def test_the_teacher_and_its_prototypes_follow_with_a_momentum_that_rises_to_one(step: int) -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(teacher_momentum=0.9, prototypes=6), classes=1)
    pairs = [(module.teacher, encoder), (module.teacher_prototypes, module.prototypes)]
    before = [[parameter.clone() for parameter in teacher.parameters()] for teacher, _ in pairs]
    with torch.no_grad():
        for _, student in pairs:
            for parameter in student.parameters():
                parameter.add_(1)
    module.after_step(Moment(step, 10, 2))
    momentum = 1 + (0.9 - 1) * (1 + math.cos(math.pi * step / 10)) / 2
    for (teacher, student), olds in zip(pairs, before, strict=True):
        for old, new, other in zip(olds, teacher.parameters(), student.parameters(), strict=True):
            assert torch.allclose(new, momentum * old + (1 - momentum) * other, atol=1e-6)


def test_the_teacher_is_published_and_sees_the_large_views_alone() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(prototypes=6), classes=1)
    seen: list[int] = []
    module.teacher.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[-1]))
    large = torch.rand(5, 3, 16, 16), torch.rand(5, 3, 16, 16)
    small = tuple(torch.rand(5, 3, 8, 8) for _ in range(3))
    module(Batch(large, torch.zeros(5), START, small))
    assert module.published is module.teacher
    assert module.teacher.training
    assert seen == [16]


def test_prototypes_tell_directions_alone() -> None:
    prototypes = Prototypes(4, 3)
    rows = torch.randn(5, 4)
    before = prototypes(rows)
    with torch.no_grad():
        prototypes.weight.mul_(7)
    assert torch.allclose(prototypes(3 * rows), before, atol=1e-6)
    assert before.abs().max() <= 1 + 1e-6
