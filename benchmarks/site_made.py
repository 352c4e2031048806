"""Generated datasets of a public catalog, seeded: titles, departments, descriptions and columns as portals have them, with a long tail of names."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from govdata.publishing.site.addresses import slug  # noqa: E402
from govdata.publishing.site.records import Item, Label, Party, Record, Resource  # noqa: E402

_SUBJECTS = {
    ("industry-transport-post", "工业、交通、邮政", "Industry, transport and post"): "公共停车场 路内停车泊位 充电桩 公交线路 公交站点 地铁站点 出租汽车企业 网约车平台 共享单车投放点 "
    "客运班线 货运车辆 道路运输证 机动车维修企业 驾驶员培训机构 信号灯路口 电子警察点位 交通事故多发点 拥堵指数 高速收费站 桥梁 隧道 渡口 航道 船舶检验 物流园区 加油站 快递网点 规模以上工业企业 工业用电量 邮政局所",
    ("labour-personnel", "劳动、人事", "Labour and personnel"): "住房公积金缴存 住房公积金提取 公积金贷款 社会保险参保 养老保险待遇 失业保险金 工伤认定 职业技能培训 技能鉴定 "
    "招聘岗位 公务员考录 事业单位招聘 人才公寓 见习基地 劳动仲裁 欠薪举报 最低工资 退休人员 灵活就业 创业担保贷款",
    ("civil-affairs", "民政、社区", "Civil affairs and communities"): "低保家庭 特困供养人员 临时救助 残疾人补贴 养老机构 老年人助餐点 社区食堂 居家养老 高龄津贴 婚姻登记 社会组织 慈善组织 "
    "志愿服务 殡葬设施 地名 门牌号 行政区划 居委会 村委会 儿童福利 退役军人优待 孤儿保障",
    ("commerce-trade", "商业、贸易", "Commerce and trade"): "企业登记基本信息 个体工商户 营业执照 经营异常名录 严重违法失信企业 食品经营许可 食品抽检 药品经营企业 医疗器械 特种设备 电梯 锅炉 "
    "计量器具 检验检测机构 商标注册 专利授权 价格监测 消费投诉 网络交易平台 农贸市场 老字号 外商投资企业 小微企业名录 统一社会信用代码 动产抵押 股权出质 广告发布 双随机抽查",
    ("health-sports", "卫生、体育", "Health and sports"): "医院 社区卫生服务中心 诊所 执业医师 护士 床位使用 门诊量 预约挂号 疫苗接种点 传染病 慢性病 献血点 急救站 除颤仪点位 医保定点药店 药品目录 中医馆 "
    "母婴室 托育机构 职业病 体育场馆 健身步道 全民健身设施 体育赛事 游泳场所水质",
    ("science-education", "科技、教育", "Science and education"): "幼儿园 小学 初中 普通高中 职业学校 高等院校 招生计划 学区 校外培训机构 教师资格 学生资助 特殊教育 科技项目 高新技术企业 孵化器 重点实验室 "
    "技术合同 科普基地 科技型中小企业 研发投入",
    ("construction-environment", "城乡建设、环境保护", "Urban and rural construction, environment"): "空气质量 空气质量指数 地表水断面 饮用水水源 排污许可 污染源 危险废物 噪声监测点 土壤污染 辐射环境 碳排放 污水处理厂 "
    "垃圾分类投放点 公园 绿地 古树名木 不动产登记 商品房预售 二手房交易 公租房 共有产权房 物业服务企业 老旧小区改造 加装电梯 施工许可 建筑工地 地下管线 燃气 供水水质 路灯 井盖 公共厕所 违法建筑 历史建筑",
    ("agriculture-water", "农业、水利", "Agriculture and water"): "粮食产量 播种面积 蔬菜价格 生猪存栏 水产养殖 农药 化肥 种子企业 农机补贴 高标准农田 土地流转 家庭农场 动物检疫 渔船 灌区 水库 河长 雨量站 水位站 "
    "山洪灾害 防汛物资 农村饮水 茶园 地理标志",
    ("public-finance", "财政", "Public finance"): "财政收入 财政支出 一般公共预算 部门预算 三公经费 政府采购 政府债务 专项资金 国有资产 税收 惠民补贴 票据 绩效评价 会计师事务所",
    ("economic-management", "经济管理", "Economic management"): "地区生产总值 固定资产投资 社会消费品零售总额 居民消费价格指数 进出口总额 工业增加值 居民收入 能源消费 重大项目 招商引资 开发区 产业园区 人口普查 常住人口 "
    "经济普查 价格指数",
    ("public-security-justice", "公安、安全、司法", "Public security and justice"): "消防站 消火栓 火灾 危险化学品企业 烟花爆竹零售点 安全生产许可 应急预案 应急避难场所 派出所 户籍办理点 出入境 旅馆 保安公司 律师事务所 公证处 "
    "法律援助 人民调解 司法鉴定 气象预警 自动气象站 台风路径 地震台站",
    ("general-affairs", "综合政务", "General government affairs"): "政务服务事项 办事指南 行政许可 行政处罚 权责清单 公共资源交易 中标公告 规范性文件 建议提案 热线工单 好差评 政务大厅窗口 自助终端 电子证照 "
    "机构编制 事业单位法人 代码表 数据接口",
}  # fmt: skip
_OFFICES = {
    "industry-transport-post": "交通运输局 交通委员会 经济和信息化局 邮政管理局",
    "labour-personnel": "人力资源和社会保障局 住房公积金管理中心",
    "civil-affairs": "民政局 残疾人联合会 退役军人事务局",
    "commerce-trade": "市场监督管理局 商务局 知识产权局",
    "health-sports": "卫生健康委员会 医疗保障局 体育局",
    "science-education": "教育局 科学技术局",
    "construction-environment": "生态环境局 住房和城乡建设局 规划和自然资源局 城市管理局 园林绿化局",
    "agriculture-water": "农业农村局 水利局",
    "public-finance": "财政局 国有资产监督管理委员会 税务局",
    "economic-management": "发展和改革委员会 统计局",
    "public-security-justice": "应急管理局 公安局 司法局 气象局 消防救援支队",
    "general-affairs": "大数据中心 行政审批局 档案局",
}
_PLACES = (
    "临江区 河东区 南浦区 西塘区 云溪县 青岭县 白石市 长汀县 安平区 北辰区 东港区 凤山县 古田县 和顺区 金沙区 静安区 徐汇区 黄浦区 开阳县 "
    "兰溪市 麻城市 宁海县 彭泽县 清河区 荣昌区 石泉县 桐庐县 武陵区 湘阴县 永嘉县 镇海区 庄河市 无锡市 苏州市 嘉兴市 绍兴市 温州市 台州市 "
    "衢州市 丽水市 舟山市 湖州市 宜兴市 江阴市 常熟市 昆山市 太仓市 海门区 通州区 如东县 泰兴市 靖江市 兴化市 高邮市 仪征市"
).split()  # fmt: skip
_KINDS = "信息 名单 目录 统计 明细 清单 分布 点位 基本信息 年度报告 月度统计 监测数据 实时数据 汇总表 办理结果 公示信息 备案信息 许可信息 台账 空间数据 检查结果 登记信息".split()
_SCOPES = "全市 辖区内 年度 重点 新增 在册 历年 各街道 分行业 季度 逐日 市级 区级".split()
_FIELDS = (
    "编号:id 名称:name 单位名称:unit_name 企业名称:company 统一社会信用代码:credit_code 法定代表人:representative 注册地址:address 经营范围:scope 成立日期:founded "
    "登记机关:authority 登记状态:status 许可证编号:licence_no 发证机关:issuer 发证日期:issued 有效期至:valid_until 行政区划代码:division 所属街道:street "
    "详细地址:location 经度:longitude 纬度:latitude 坐标系:crs 联系电话:phone 邮政编码:postcode 开放时间:opening_hours 收费标准:tariff 总泊位数:spaces "
    "剩余泊位:free_spaces 面积:area 建筑面积:floor_area 数量:count 金额:amount 单价:price 同比增长:yoy 环比增长:mom 占比:share 计量单位:unit 统计年份:year 统计月份:month "
    "采集时间:collected 更新时间:updated 数据来源:source 备注:note 类别:category 等级:grade 学历:degree 户数:households 人数:persons 补助金额:subsidy 申请日期:applied "
    "处罚决定书文号:penalty_no 处罚事由:reason 处罚依据:basis 检查日期:inspected 检查结论:conclusion 监测点名称:station 监测值:value 浓度:concentration 气温:temperature "
    "湿度:humidity 风速:wind_speed 降水量:rainfall 水位:water_level 水质类别:water_class 线路名称:route 首班时间:first_bus 末班时间:last_bus 核定载客:seats 班级数:classes "
    "床位数:beds 医院等级:hospital_grade 药品名称:drug 规格:specification 生产厂家:maker 批准文号:approval_no 检验结果:result 缴存基数:deposit_base 产权证号:deed_no "
    "土地用途:land_use 项目名称:project 建设单位:builder 合同金额:contract_amount 开工日期:started 中标单位:winner 事项编码:item_code 办理时限:time_limit PM2.5:pm25 AQI:aqi"
).split()  # fmt: skip
_CYCLES = [
    ("daily", "每日", "Daily"),
    ("weekly", "每周", "Weekly"),
    ("monthly", "每月", "Monthly"),
    ("quarterly", "每季度", "Quarterly"),
    ("yearly", "每年", "Yearly"),
]
_OPENINGS = [("open", "无条件开放", "Open without conditions"), ("conditional", "有条件开放", "Open on conditions")]
_FORMATS = ["CSV", "XLSX", "JSON", "XML", "API", "SHP", "PDF"]
_LATIN = "GDP CPI PM2.5 PM10 AQI API GIS WGS84 CGCS2000 5G ETC AED GB/T 2260 ISO19115 BIM COD SO2 NO2 VOCs".split()
_SIGNS = (
    "安宝滨昌朝成城春德定丰福港高光贵国海汉和恒红华惠吉佳建江金锦晋景康科乐丽联良林龙隆绿茂美民明南宁平浦启前青清庆泉荣瑞上盛石书双顺泗松泰天田通万旺威文西锡先祥新鑫兴星秀雪雅延阳耀宜义益银英永友裕元园远月泽展兆正智中舟珠竹滋紫"
    "槐枫荷菊梅莲桂橘杏桃梨枣榆桑芦沙洲湾塘渡桥埠峰坡渠谷坪垄岗墩陵原霞霖露霜虹晖晨暮夏秋冬鹤鹭鹏鹰燕鹿虎豹骏翔帆航"
)
_ROADS = "路 街 大道 弄 巷".split()
_FIRMS = "有限公司 实业有限公司 科技有限公司 物业管理有限公司 幼儿园 小学 医院 花园 新村 大厦 广场".split()
_SENTENCES = (
    "本数据集收录{place}{scope}{subject}的{kind}，由{office}采集并维护。",
    "主要内容包括{f1}、{f2}、{f3}。",
    "来源为{office}业务系统，{cycle}更新。",
    "覆盖{n1}{road}、{n2}{road2}一带的{subject}，共{number}条。",
    "其中{n1}{firm}和{n2}{firm2}的情况另行说明。",
    "统计口径以{year}年{office}核定结果为准，{f4}精确到两位小数。",
    "可与{other}数据关联使用，关联字段为{f1}。",
    "依据{latin}相关规定编制，适用于{subject}的查询与分析。",
    "Contains {english} of {number} records for {year}.",
)


def _name(chance: random.Random, length: int) -> str:
    return "".join(chance.choice(_SIGNS) for _ in range(length))


def records(count: int, seed: int = 7) -> Iterator[Record]:
    """Records with one resource each and no data; the first so many of a larger number are the same."""
    chance = random.Random(seed)
    subjects = [(Label(*theme), words.split()) for theme, words in _SUBJECTS.items()]
    for number in range(count):
        yield _record(number, chance, subjects)


def _record(number: int, chance: random.Random, subjects: list[tuple[Label, list[str]]]) -> Record:
    theme, words = chance.choice(subjects)
    subject, other = words[min(int(chance.expovariate(0.12)), len(words) - 1)], chance.choice(words)
    place, office, kind = chance.choice(_PLACES), chance.choice(_OFFICES[theme.code].split()), chance.choice(_KINDS)
    scope, year = chance.choice(_SCOPES), chance.randint(2014, 2026)
    names = [pair.split(":") for pair in chance.sample(_FIELDS, chance.randint(7, 18))]
    quarter = f"{_name(chance, 2)}{chance.choice(['街道', '镇', '乡', '社区'])}" if chance.random() < 0.4 else ""
    title = f"{place}{quarter}{scope if chance.random() < 0.3 else ''}{subject}{'' if kind in subject else kind}"
    title += f"（{year}年）" if chance.random() < 0.2 else f" {chance.choice(_LATIN)}" if chance.random() < 0.1 else ""
    cycle, told = chance.choice(_CYCLES), {
        "place": place, "scope": scope, "subject": subject, "kind": kind, "office": place + office, "f1": names[0][0], "f2": names[1][0],
        "f3": names[2][0], "f4": names[3][0], "n1": _name(chance, 2), "n2": _name(chance, 3), "road": chance.choice(_ROADS), "road2": chance.choice(_ROADS),
        "firm": chance.choice(_FIRMS), "firm2": chance.choice(_FIRMS), "number": chance.randint(9, 99999), "year": year, "other": other,
        "latin": chance.choice(_LATIN), "english": names[0][1].replace("_", " ") + " and " + names[1][1].replace("_", " "),
    }  # fmt: skip
    told["cycle"] = cycle[1]
    description = "".join(sentence.format(**told) for sentence in chance.sample(_SENTENCES, chance.randint(3, 6)))
    publisher = place + office
    code = f"{310101 + _PLACES.index(place)}/{number:06}"
    modified = f"{chance.choices(range(2015, 2027), range(1, 13))[0]}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    formats = chance.sample(_FORMATS, chance.choices([1, 2, 3], [5, 3, 1])[0])
    items = tuple(Item(name, english) for name, english in names)
    resources = tuple(Resource(name, str(place), name, format=name, items=items if place == 1 else ()) for place, name in enumerate(formats, 1))
    return Record(
        code,
        slug(code),
        title,
        Party(slug(publisher), publisher),
        description=description,
        keywords=tuple(dict.fromkeys([subject, other])),
        themes=(theme,),
        cycle=Label(*cycle),
        opening=Label(*chance.choices(_OPENINGS, [4, 1])[0]),
        issued=modified,
        modified=modified,
        resources=resources,
    )
