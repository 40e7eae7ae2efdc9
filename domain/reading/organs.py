"""Names of organs in a list: what looks like one, what is a class that fans out, and where a list is cut."""

import re

from domain.reading.brackets import cut_outside

LONGEST_NAME = 40
_END = re.compile(
    r"(?:部|委|办|局|厅|署|院|行|会|处|科|所|站|段|队|团|校|馆|台|库|社|联|组|园|区|县|市|镇|乡|街道|镇街|乡街|村|社区|政府|公司|集团"
    r"|中心|机关|海关|银行|大学|学院|医院|单位|部门|地区|地方|企业|机构|组织|基地|人大|政协|银保监|政法委|专班|指挥部|州|盟|旗|省"
    r"|各级|系统|室|河长|林长|分行|支行|电网|电力|移动|联通|电信|邮政|烟草|调查队|管理段|督查室|研究室|服务部)$"
)
_NOT_A_NAME = re.compile(
    # 应急部, 对外联络处, 将乐县 and 从化区 are names.
    r"^(?:以下|含|如(?!东|皋)|即(?!墨)|见|例如|比如|包括|其中|不含|详见|简称|不得|对(?!外|口)|将(?!乐)|为|在|按|并|以|从(?!化|江)"
    r"|把|被|是|要|应(?!急|城|县)|须|这|该|本办法)"
)
_CLAUSE = re.compile(r"(?<!自)由|的|[：:；;。？！\t]")  # 自由贸易试验区 is a name
_COLLECTIVE = re.compile(
    r"^各|有关|相关|^(?:全部|所有|全体|属地|当地|地方|基层)|成员单位$|试点[^、，]{0,4}(?:地区|单位|政府|[省市县区镇乡])$"
    r"|各(?:级|县|区|市|镇|乡|街道|部门|单位|地|委)|(?:省|市|县|区|州|镇|乡)(?:级|直|属|级主管|直各|级各)(?:主管)?(?:部门|单位|机关|人民政府|政府)"
    r"|^(?:其他|其它|(?:all|each|every) )",
    re.IGNORECASE,
)
_CLASS = r"(?:自治区|自治州|直辖市|县级市|区县|县区|市县|乡镇|镇街|街道|园区|开发区|功能区|管委会|[省市区县旗州盟镇乡])"
# 「各区、县（市）政府」 and 「各省、自治区、直辖市人民政府」 are one addressee each.
_CLASS_ONE = rf"{_CLASS}(?:（[^（）]{{1,12}}）)?(?:人民政府|政府|办事处|党委)?"
_CLASS_LIST = re.compile(
    rf"各(?:有关|相关)?{_CLASS_ONE}(?:[、和及]{_CLASS_ONE}(?=[、和及，,；;。）)]|$)){{1,4}}"
)
_COMMON_NOUN = "高中初平同"
_AFTER_ETC = re.compile(r"等(?=[^等、，]{0,10}(?:部门|单位|地区|地方|方面|企业|机构|政府))")
_ETC_END = re.compile(r"等(?:\d{1,3}个?)?(?:部门|单位)?$")
_AND = re.compile(r"以及|及|和|与")
_LEADING = re.compile(r"^(?:由|请|及|和|以及|与|并|其中|所涉及的?|涉及的?|会同)+")


def looks_like_organ(name: str) -> bool:
    """Whether a name ends as organs do and does not begin as a remark does."""
    if not 2 <= len(name) <= LONGEST_NAME:
        return False
    if name.isascii():
        return name[0].isupper() and "." not in name
    bare = re.sub(r"（[^（）]{0,20}）$", "", name)
    return (
        len(bare) >= 2
        and _END.search(bare) is not None
        and _NOT_A_NAME.match(bare) is None
        and _CLAUSE.search(bare) is None
    )


def is_collective(name: str) -> bool:
    """Whether a name is a class of addressees (各区政府, 各有关单位, 省级部门) rather than one organ."""
    return _COLLECTIVE.search(name) is not None


def _cut_and(name: str) -> list[str]:
    """「A及B」 in two when both sides are organs; 文化和旅游部 stays whole."""
    for match in _AND.finditer(name):
        left, right = name[: match.start()], name[match.end() :]
        apart = left[-1:] not in tuple("省市区县") or is_collective(left) or is_collective(right)
        if apart and looks_like_organ(left) and looks_like_organ(right):
            return [left, *_cut_and(right)]
    return [name]


def _cut_etc(name: str) -> list[str]:
    """「A等国务院相关部门」 is A and the class 国务院相关部门; 「A等」 is A."""
    for match in _AFTER_ETC.finditer(name):
        left, right = name[: match.start()], name[match.end() :]
        if left and left[-1] not in _COMMON_NOUN and is_collective(right):
            return [left, right]
    return [_ETC_END.sub("", name) if name[-2:-1] not in tuple(_COMMON_NOUN) else name]


def split_names(text: str) -> tuple[str, ...]:
    """The names of a list as printed, in order and once each."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"\x00{len(kept) - 1}\x01"

    masked = _CLASS_LIST.sub(
        keep, text.replace("(", "（").replace(")", "）").replace("\x00", "").replace("\x01", "")
    )
    found: dict[str, None] = {}
    for part in cut_outside(masked, "、，,；;"):
        whole = re.sub("\x00(\\d+)\x01", lambda m: kept[int(m.group(1))], part)
        name = _LEADING.sub("", whole.strip(' 　。."“”\t'))
        if not name:
            continue
        pieces = (
            [name] if _CLASS_LIST.fullmatch(name) else [p for half in _cut_etc(name) for p in _cut_and(half)]
        )
        for piece in pieces:
            final = piece.strip()
            if final and final not in {"等", "各"}:
                found[final] = None
    return tuple(found)
