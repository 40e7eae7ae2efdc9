"""The short forms of unit names, as offices write them: 发展和改革委员会, 发展改革委, 发改委 are one."""

import re
import unicodedata

_SHORT = (
    ("人民政府", "政府"), ("街道办事处", "街道"), ("委员会", "委"), ("办公室", "办"), ("办公厅", "办"),
    ("发展和改革", "发改"), ("发展改革", "发改"), ("工业和信息化", "工信"), ("经济和信息化", "经信"),
    ("经济信息化", "经信"), ("科学技术协会", "科协"), ("科学技术", "科技"), ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"), ("人力社保", "人社"), ("住房和城乡建设", "住建"), ("住房城乡建设", "住建"),
    ("市场监督管理", "市场监管"), ("卫生健康", "卫健"), ("文化和旅游", "文旅"), ("应急管理", "应急"),
    ("医疗保障", "医保"), ("退役军人事务", "退役军人"), ("交通运输", "交通"), ("城市管理", "城管"),
    ("国有资产监督管理", "国资"), ("机构编制", "编"), ("人民法院", "法院"), ("人民检察院", "检察院"),
    ("妇女联合会", "妇联"), ("残疾人联合会", "残联"), ("工商业联合会", "工商联"), ("行政审批服务", "审批"),
    ("行政审批", "审批"), ("机关事务管理", "机关事务"), ("机关事务服务", "机关事务"),
    ("地方金融监督管理", "地方金融监管"), ("药品监督管理", "药品监管"), ("消防救援", "消防"), ("公共交通", "公交"),
    ("纪委监委机关", "纪委监委"),
)  # fmt: skip
_SEAT = re.compile(r"(?:人民政府|政府|街道办事处|办事处)$")
_REMARK = re.compile(r"[（(][^（）()]{0,40}[）)]")
LEVEL_WORDS = "省市区县州盟旗镇乡"


def plain(name: str) -> str:
    """The name without blanks, remarks in brackets, 「中共」, and differences of width and case."""
    folded = unicodedata.normalize("NFKC", name)
    return "".join(_REMARK.sub("", folded).split()).removeprefix("中共").casefold()


def short(name: str) -> str:
    """The shortest usual form; two names with the same one are the same organ."""
    for long, brief in _SHORT:
        name = name.replace(long, brief)
    return name.replace("和", "").replace("与", "")


def without_seat(name: str) -> str:
    """A place without its organ: 北榆区人民政府 is 北榆区, 灯桥街道办事处 is 灯桥街道."""
    bare = _SEAT.sub("", name)
    return f"{bare}街道" if name.endswith("街道办事处") else bare


def is_within(brief: str, long: str) -> bool:
    """Whether `brief` is `long` with characters left out, both ends kept and two characters between them."""
    if not 4 <= len(brief) < len(long) or brief[0] != long[0] or brief[-1] != long[-1]:
        return False
    rest = iter(long)
    return all(c in rest for c in brief)
