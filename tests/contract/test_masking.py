"""Masking keeps enough to know oneself by, and nothing that others could use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.masking import mask_contact, mask_name, without_identity_numbers


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"), ("张小三", "张*三"), ("欧阳小三", "欧**三"), ("阿不都·买买提", "阿*****提"),
        ("张", "张*"), ("张 三", "张*"),
        ("John Smith", "J*** S****"), ("O", "O*"), ("", ""), ("李Li", "李**"),
    ],
)  # fmt: skip
def test_a_name_keeps_what_its_owner_knows_it_by(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(min_size=1, max_size=40).filter(lambda name: bool(name.split())))
def test_no_name_comes_out_whole(name: str) -> None:
    masked = mask_name(name)
    assert "*" in masked
    assert masked != name or "*" in name


@pytest.mark.parametrize(
    ("contact", "masked"),
    [("13812345678", "138****5678"), ("citizen-key", "cit****-key"), ("abcdef", "a****f"), ("ab", "**"), ("", "")],
)
def test_a_contact_is_known_again_and_cannot_be_used(contact: str, masked: str) -> None:
    assert mask_contact(contact) == masked


@given(st.text(max_size=100))
def test_of_a_contact_at_most_seven_characters_are_left(contact: str) -> None:
    assert sum(a == b != "*" for a, b in zip(contact, mask_contact(contact), strict=True)) <= 7


def test_an_identity_number_is_taken_out_of_a_text_and_other_numbers_stay() -> None:
    said = "请身份证号 11010519491231002X 的群众到服务台；咨询 13812345678，编号 2026112000017"
    assert without_identity_numbers(said) == "请身份证号 110**************X 的群众到服务台；咨询 13812345678，编号 2026112000017"
    assert without_identity_numbers("910105194912310021234") == "910105194912310021234"
