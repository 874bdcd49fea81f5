import pytest
import torch
from torch import nn

from dejavu_tui.encoders.learners.teacher import follow, make_teacher


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


@pytest.mark.parametrize("momentum", [0.0, 0.25, 0.99, 1.0])
def test_each_parameter_becomes_the_weighted_mean(momentum: float) -> None:
    student, teacher = network(), make_teacher(network())
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.add_(torch.randn_like(parameter))
    before = [parameter.tolist() for parameter in teacher.parameters()]
    follow(student, teacher=teacher, momentum=momentum)
    for old, new, other in zip(before, teacher.parameters(), student.parameters(), strict=True):
        wanted = momentum * torch.tensor(old) + (1 - momentum) * other
        assert torch.allclose(new, wanted, atol=1e-6)
        if momentum == 1:
            assert new.tolist() == old


def test_a_teacher_shares_nothing_and_takes_no_gradient() -> None:
    student = network()
    teacher = make_teacher(student)
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    assert all(parameter.requires_grad for parameter in student.parameters())
    own = {tensor.data_ptr() for tensor in teacher.state_dict().values()}
    assert not own & {tensor.data_ptr() for tensor in student.state_dict().values()}


def test_a_teachers_statistics_are_its_own() -> None:
    student = network().train()
    teacher = make_teacher(student)
    student(torch.randn(8, 3) + 5)
    before = [buffer.clone() for buffer in teacher.buffers()]
    follow(student, teacher=teacher, momentum=0.5)
    assert all(torch.equal(old, new) for old, new in zip(before, teacher.buffers(), strict=True))
    teacher(torch.randn(8, 3))
    assert any(not torch.equal(old, new) for old, new in zip(before, teacher.buffers(), strict=True))
