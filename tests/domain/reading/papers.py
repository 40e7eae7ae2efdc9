"""Small papers of a made-up place, each in one of the forms a division of work takes."""

from domain.reading import Paragraph, Reading, ReadItem, read_document

BRACKETS = """柳湾市人民政府办公室关于改善公园和道路服务的通知
柳政办发〔2026〕7号
各区人民政府，市政府各部门：
一、总体要求
（一）工作思路。从居民每天用到的地方做起。
（二）主要目标。到2027年，公园都有饮水点。
二、主要任务
（三）增设公园饮水点。在30个公园安装饮水点，2026年6月底前完成。（市园林局、市水务局、市财政局等负责。列第一位者为牵头单位，下同）
（四）修补人行道。每年选一批破损路段修补。（市住房和城乡建设局、市交通运输局等有关部门及各区人民政府负责）
（五）加装路灯。年底前装完背街路灯。（市城市管理局牵头，市供电公司配合）
（六）公开热线。公布报修电话。（各区、县级市负责）
柳湾市人民政府办公室
2026年1月20日
"""

LABELS = """柳湾市图书馆服务分工
一、借阅服务
1.延长开放时间。周末开放到晚上9点。
责任单位：市图书馆
2.开通邮寄借书。
牵头单位：市图书馆
配合单位：市邮政管理局、各区政府
完成时限：2026年9月30日
3.更新旧书目录。（责任单位：市图书馆、市文化馆；完成时限：每季度）
4.办好读书节，责任单位另行通知。
"""

TWO_LEVELS = """苗圃养护重点任务分工方案
一、把苗圃管好
（一）改进苗圃浇水。（市园林局、市水务局按职责分工负责）
具体措施：
1．检修全部水管，2026年3月底前完成。（市水务局牵头，各区及相关单位按职责分工负责）
2．安装雨水桶。（市园林局负责）
（二）办好苗木交换会。（市园林局牵头，各区、各部门负责）
具体措施：在春季举办交换会，2026年4月15日前公布时间。（市园林局牵头，各区负责）
（三）定期清点树木。（各区负责）
"""

TABLE_ROWS = (
    ("序号", "工作任务", "牵头单位", "配合单位", "完成时限"),
    ("1", "检修全部公共电梯", "市市场监管局", "市住建局、各区政府", "2026年5月31日前"),
    ("2", "更换旧路牌", "市民政局", "", "长期坚持"),
    ("3", "清洗公交站牌", "", "", "每月10日前"),
)

NOTICE = """关于报送公园座椅数量的通知
各区，市有关部门：
一、各区清点
各区要逐一清点公园座椅。各区于5月20日17：30前将数量报送市园林局。
二、部门复核
由市园林局、市统计局等部门牵头复核数量，其他有关部门配合，于5月31日前完成。
三、抽查
市政府办公室将抽查部分公园。
特此通知。
"""

REGULATION = """柳湾市公园座椅管理办法
第一条 为了管好座椅，制定本办法。
第二条 市园林局是座椅的主管部门，主要职责是：
（一）制定座椅标准。
（二）每年3月底前公布座椅清单。
第三条 各区应当于每年12月底前报送座椅数量。
"""

ENGLISH = """Harbour Library Plan 2026
1. Reading rooms
1.1 Repair the lamps of the east room.
Lead: Building Services
Support: Reading Room Desk, Stores
Due: 30 June 2026
1.2 Count the chairs.
Responsible: Stores
Due: every month by the 25th
2. About this plan
Questions go to the front desk.
"""


def paper(text: str) -> list[Paragraph]:
    """A text as paragraphs, one a line."""
    return [Paragraph(line) for line in text.splitlines()]


def rows(cells: tuple[tuple[str, ...], ...]) -> list[Paragraph]:
    """Table rows as paragraphs."""
    return [Paragraph("\t".join(row), cells=row) for row in cells]


def reading(text: str) -> Reading:
    """A text read."""
    return read_document(paper(text))


def items(text: str) -> dict[str, ReadItem]:
    """The items of a text by number; numbers in these papers differ."""
    return {item.number: item for item in reading(text).items}
