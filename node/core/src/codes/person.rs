//! Lists about a person.

use super::{CodeList, entry};

/// GB/T 2261.1.
pub(super) static SEX: CodeList = CodeList {
    name: "sex",
    entries: &[
        entry("0", "未知的性别", "unknown", &["未知"]),
        entry("1", "男", "male", &["男性"]),
        entry("2", "女", "female", &["女性"]),
        entry("9", "未说明的性别", "not stated", &["未说明"]),
    ],
};

/// GB 3304.
pub(super) static ETHNIC_GROUP: CodeList = CodeList {
    name: "ethnic-group",
    entries: &[
        entry("01", "汉族", "Han", &["汉"]),
        entry("02", "蒙古族", "Mongol", &["蒙古"]),
        entry("03", "回族", "Hui", &["回"]),
        entry("04", "藏族", "Tibetan", &["藏"]),
        entry("05", "维吾尔族", "Uyghur", &["维吾尔"]),
        entry("06", "苗族", "Miao", &["苗"]),
        entry("07", "彝族", "Yi", &["彝"]),
        entry("08", "壮族", "Zhuang", &["壮"]),
        entry("09", "布依族", "Bouyei", &["布依"]),
        entry("10", "朝鲜族", "Korean", &["朝鲜"]),
        entry("11", "满族", "Manchu", &["满"]),
        entry("12", "侗族", "Dong", &["侗"]),
        entry("13", "瑶族", "Yao", &["瑶"]),
        entry("14", "白族", "Bai", &["白"]),
        entry("15", "土家族", "Tujia", &["土家"]),
        entry("16", "哈尼族", "Hani", &["哈尼"]),
        entry("17", "哈萨克族", "Kazak", &["哈萨克"]),
        entry("18", "傣族", "Dai", &["傣"]),
        entry("19", "黎族", "Li", &["黎"]),
        entry("20", "傈僳族", "Lisu", &["傈僳"]),
        entry("21", "佤族", "Va", &["佤"]),
        entry("22", "畲族", "She", &["畲"]),
        entry("23", "高山族", "Gaoshan", &["高山"]),
        entry("24", "拉祜族", "Lahu", &["拉祜"]),
        entry("25", "水族", "Sui", &["水"]),
        entry("26", "东乡族", "Dongxiang", &["东乡"]),
        entry("27", "纳西族", "Naxi", &["纳西"]),
        entry("28", "景颇族", "Jingpo", &["景颇"]),
        entry("29", "柯尔克孜族", "Kirgiz", &["柯尔克孜"]),
        entry("30", "土族", "Tu", &["土"]),
        entry("31", "达斡尔族", "Daur", &["达斡尔"]),
        entry("32", "仫佬族", "Mulao", &["仫佬"]),
        entry("33", "羌族", "Qiang", &["羌"]),
        entry("34", "布朗族", "Blang", &["布朗"]),
        entry("35", "撒拉族", "Salar", &["撒拉"]),
        entry("36", "毛南族", "Maonan", &["毛南"]),
        entry("37", "仡佬族", "Gelao", &["仡佬"]),
        entry("38", "锡伯族", "Xibe", &["锡伯"]),
        entry("39", "阿昌族", "Achang", &["阿昌"]),
        entry("40", "普米族", "Pumi", &["普米"]),
        entry("41", "塔吉克族", "Tajik", &["塔吉克"]),
        entry("42", "怒族", "Nu", &["怒"]),
        entry("43", "乌孜别克族", "Uzbek", &["乌孜别克"]),
        entry("44", "俄罗斯族", "Russian", &["俄罗斯"]),
        entry("45", "鄂温克族", "Ewenki", &["鄂温克"]),
        entry("46", "德昂族", "De'ang", &["德昂"]),
        entry("47", "保安族", "Bonan", &["保安"]),
        entry("48", "裕固族", "Yugur", &["裕固"]),
        entry("49", "京族", "Gin", &["京"]),
        entry("50", "塔塔尔族", "Tatar", &["塔塔尔"]),
        entry("51", "独龙族", "Derung", &["独龙"]),
        entry("52", "鄂伦春族", "Oroqen", &["鄂伦春"]),
        entry("53", "赫哲族", "Hezhen", &["赫哲"]),
        entry("54", "门巴族", "Monba", &["门巴"]),
        entry("55", "珞巴族", "Lhoba", &["珞巴"]),
        entry("56", "基诺族", "Jino", &["基诺"]),
    ],
};

/// GB/T 4761, relation to the head, with the labels of the national form. `本人` is the person, `户主` the head.
pub(super) static RELATION: CodeList = CodeList {
    name: "relation",
    entries: &[
        entry("01", "本人", "self", &[]),
        entry("02", "户主", "head", &["之本人"]),
        entry("10", "配偶", "spouse", &["之配偶"]),
        entry("11", "夫", "husband", &["丈夫", "之夫"]),
        entry("12", "妻", "wife", &["妻子", "之妻"]),
        entry("20", "之子", "son", &["子", "儿子"]),
        entry("21", "独生子", "only son", &[]),
        entry("22", "长子", "eldest son", &["之长子"]),
        entry("23", "次子", "second son", &["二子", "之次子"]),
        entry("24", "三子", "third son", &["之三子"]),
        entry("25", "四子", "fourth son", &[]),
        entry("26", "五子", "fifth son", &[]),
        entry(
            "27",
            "养子或继子",
            "adopted or step son",
            &["养子", "继子", "之养子"],
        ),
        entry("28", "之女婿", "son-in-law", &["女婿"]),
        entry("29", "其他儿子", "other son", &[]),
        entry("30", "之女", "daughter", &["女", "女儿"]),
        entry("31", "独生女", "only daughter", &[]),
        entry("32", "长女", "eldest daughter", &["之长女"]),
        entry("33", "次女", "second daughter", &["二女", "之次女"]),
        entry("34", "三女", "third daughter", &["之三女"]),
        entry("35", "四女", "fourth daughter", &[]),
        entry("36", "五女", "fifth daughter", &[]),
        entry(
            "37",
            "养女或继女",
            "adopted or step daughter",
            &["养女", "继女", "之养女"],
        ),
        entry("38", "之儿媳", "daughter-in-law", &["儿媳", "儿媳妇"]),
        entry("39", "其他女儿", "other daughter", &[]),
        entry("40", "孙子孙女或外孙子外孙女", "grandchild", &["孙辈"]),
        entry("41", "之孙子", "son's son", &["孙子", "孙"]),
        entry("42", "之孙女", "son's daughter", &["孙女"]),
        entry(
            "43",
            "之外孙子",
            "daughter's son",
            &["外孙子", "外孙", "之外孙"],
        ),
        entry("44", "之外孙女", "daughter's daughter", &["外孙女"]),
        entry(
            "45",
            "之孙媳",
            "grandson's wife",
            &["孙媳妇或外孙媳妇", "孙媳妇", "孙媳", "外孙媳妇", "之孙媳妇"],
        ),
        entry(
            "46",
            "之孙女婿",
            "granddaughter's husband",
            &["孙女婿或外孙女婿", "孙女婿", "外孙女婿"],
        ),
        entry(
            "47",
            "之曾孙子",
            "great-grandson",
            &["曾孙子或外曾孙子", "曾孙子", "曾孙"],
        ),
        entry(
            "48",
            "之曾孙女",
            "great-granddaughter",
            &["曾孙女或外曾孙女", "曾孙女"],
        ),
        entry("49", "其他孙辈", "other grandchild", &[]),
        entry("50", "父母", "parent", &["之父母"]),
        entry("51", "之父", "father", &["父亲", "父"]),
        entry("52", "之母", "mother", &["母亲", "母"]),
        entry("53", "之公公", "husband's father", &["公公"]),
        entry("54", "之婆婆", "husband's mother", &["婆婆"]),
        entry("55", "之岳父", "wife's father", &["岳父"]),
        entry("56", "之岳母", "wife's mother", &["岳母"]),
        entry(
            "57",
            "继父或养父",
            "step or adoptive father",
            &["继父", "养父"],
        ),
        entry(
            "58",
            "继母或养母",
            "step or adoptive mother",
            &["继母", "养母"],
        ),
        entry("59", "其他父母关系", "other parent", &[]),
        entry("60", "祖父母或外祖父母", "grandparent", &[]),
        entry("61", "之祖父", "father's father", &["祖父", "爷爷"]),
        entry("62", "之祖母", "father's mother", &["祖母", "奶奶"]),
        entry("63", "之外祖父", "mother's father", &["外祖父", "外公"]),
        entry("64", "之外祖母", "mother's mother", &["外祖母", "外婆"]),
        entry("65", "配偶的祖父母或外祖父母", "spouse's grandparent", &[]),
        entry("66", "之曾祖父", "great-grandfather", &["曾祖父"]),
        entry("67", "之曾祖母", "great-grandmother", &["曾祖母"]),
        entry("69", "其他祖父母关系", "other grandparent", &[]),
        entry("70", "之兄弟姐妹", "sibling", &["兄弟姐妹"]),
        entry("71", "兄", "elder brother", &["哥哥", "之兄"]),
        entry("72", "嫂", "elder brother's wife", &["嫂子", "之嫂"]),
        entry("73", "弟", "younger brother", &["弟弟", "之弟"]),
        entry(
            "74",
            "弟媳",
            "younger brother's wife",
            &["弟媳妇", "之弟媳"],
        ),
        entry("75", "姐", "elder sister", &["姐姐", "之姐"]),
        entry("76", "姐夫", "elder sister's husband", &["之姐夫"]),
        entry("77", "妹", "younger sister", &["妹妹", "之妹"]),
        entry("78", "妹夫", "younger sister's husband", &["之妹夫"]),
        entry("79", "其他兄弟姐妹", "other sibling", &[]),
        entry("80", "其他", "other", &["之其他"]),
        entry("81", "伯父", "father's elder brother", &[]),
        entry("82", "伯母", "wife of father's elder brother", &[]),
        entry("83", "叔父", "father's younger brother", &["叔叔", "之叔"]),
        entry("84", "婶母", "wife of father's younger brother", &["婶婶"]),
        entry("85", "舅父", "mother's brother", &["舅舅"]),
        entry("86", "舅母", "wife of mother's brother", &[]),
        entry("87", "姨父", "husband of mother's sister", &[]),
        entry("88", "姨母", "mother's sister", &[]),
        entry("89", "姑父", "husband of father's sister", &[]),
        entry("90", "姑母", "father's sister", &["姑姑"]),
        entry("91", "堂兄弟堂姐妹", "paternal cousin", &[]),
        entry("92", "表兄弟表姐妹", "other cousin", &[]),
        entry("93", "侄子", "brother's son", &["侄儿", "之侄子", "之侄儿"]),
        entry("94", "侄女", "brother's daughter", &["之侄女"]),
        entry("95", "外甥", "sister's son", &["之外甥"]),
        entry("96", "外甥女", "sister's daughter", &["之外甥女"]),
        entry("97", "其他亲属", "other relative", &[]),
        entry("99", "非亲属", "not related", &[]),
    ],
};

/// GB/T 2261.2.
pub(super) static MARITAL: CodeList = CodeList {
    name: "marital",
    entries: &[
        entry("10", "未婚", "never married", &[]),
        entry("20", "已婚", "married", &[]),
        entry("21", "初婚", "first marriage", &[]),
        entry("22", "再婚", "married again", &[]),
        entry("23", "复婚", "marriage restored", &[]),
        entry("30", "丧偶", "widowed", &[]),
        entry("40", "离婚", "divorced", &["离异"]),
        entry("90", "未说明的婚姻状况", "not stated", &["未说明"]),
    ],
};

/// Education completed.
pub(super) static EDUCATION: CodeList = CodeList {
    name: "education",
    entries: &[
        entry("preschool", "学龄前儿童", "pre-school child", &["学龄前"]),
        entry(
            "illiterate",
            "文盲或半文盲",
            "illiterate or semi-literate",
            &["文盲", "半文盲", "文盲半文盲"],
        ),
        entry("primary", "小学", "primary school", &[]),
        entry("junior", "初中", "junior middle school", &[]),
        entry(
            "senior",
            "高中",
            "senior middle school",
            &["中专", "高中或中专", "高中中专"],
        ),
        entry("college", "大专", "junior college", &["专科", "高职"]),
        entry(
            "bachelor",
            "本科及以上",
            "bachelor or higher",
            &["本科", "大学本科", "本科以上", "大学"],
        ),
    ],
};

/// What somebody attends now. Grades (七年级 …) are not told apart.
pub(super) static SCHOOLING: CodeList = CodeList {
    name: "schooling",
    entries: &[
        entry(
            "none",
            "非在校生",
            "not at school",
            &["否", "非在校", "不在校"],
        ),
        entry("preschool", "学前教育", "pre-school", &["幼儿园", "学前班"]),
        entry(
            "primary",
            "小学",
            "primary school",
            &["小学在校", "在校小学"],
        ),
        entry(
            "junior",
            "初中",
            "junior middle school",
            &["初中在校", "七年级", "八年级", "九年级"],
        ),
        entry(
            "senior",
            "普通高中",
            "senior middle school",
            &[
                "高中",
                "高中在校",
                "普通高中一年级",
                "普通高中二年级",
                "普通高中三年级",
                "高中一年级",
                "高中二年级",
                "高中三年级",
            ],
        ),
        entry(
            "vocational",
            "中职",
            "secondary vocational school",
            &[
                "中等职业教育",
                "中职一年级",
                "中职二年级",
                "中职三年级",
                "中专",
            ],
        ),
        entry(
            "college",
            "高职高专",
            "vocational college",
            &[
                "高职",
                "大专",
                "高职高专一年级",
                "高职高专二年级",
                "高职高专三年级",
            ],
        ),
        entry(
            "bachelor",
            "本科",
            "bachelor",
            &[
                "大学本科",
                "本科一年级",
                "本科二年级",
                "本科三年级",
                "本科四年级",
            ],
        ),
        entry(
            "master",
            "硕士及以上",
            "master or higher",
            &["硕士", "研究生", "博士", "硕士研究生及以上"],
        ),
    ],
};

/// Several may hold, except `healthy`.
pub(super) static HEALTH: CodeList = CodeList {
    name: "health",
    entries: &[
        entry("healthy", "健康", "healthy", &["良好"]),
        entry(
            "chronic-illness",
            "长期慢性病",
            "long-term chronic illness",
            &["慢性病", "患有长期慢性病"],
        ),
        entry(
            "serious-illness",
            "患有大病",
            "serious illness",
            &["大病", "重病", "重大疾病"],
        ),
        entry("disability", "残疾", "disability", &["残疾人"]),
    ],
};

/// Labour capacity; see [`can_work`](super::can_work).
pub(super) static LABOUR: CodeList = CodeList {
    name: "labour",
    entries: &[
        entry(
            "ordinary",
            "普通劳动力",
            "ordinary labour",
            &["普通劳动能力"],
        ),
        entry("skilled", "技能劳动力", "skilled labour", &[]),
        entry(
            "weak",
            "弱劳动力或半劳动力",
            "weak or half labour",
            &["弱劳动力", "半劳动力", "弱半劳动力"],
        ),
        entry(
            "lost",
            "丧失劳动力",
            "labour capacity lost",
            &["丧失劳动能力"],
        ),
        entry(
            "none",
            "无劳动力",
            "no labour capacity",
            &["无劳动能力", "无劳力"],
        ),
    ],
};

/// Political affiliation.
pub(super) static POLITICAL: CodeList = CodeList {
    name: "political",
    entries: &[
        entry(
            "party-member",
            "中共党员",
            "Communist Party member",
            &["党员", "中国共产党党员"],
        ),
        entry(
            "probationary-member",
            "中共预备党员",
            "probationary Party member",
            &["预备党员"],
        ),
        entry("youth-league", "共青团员", "Youth League member", &["团员"]),
        entry(
            "democratic-party",
            "民主党派",
            "democratic party member",
            &[],
        ),
        entry("masses", "群众", "no affiliation", &["一般群众"]),
    ],
};

/// Kinds of identity documents.
pub(super) static DOCUMENT_TYPE: CodeList = CodeList {
    name: "document-type",
    entries: &[
        entry(
            "id-card",
            "居民身份证",
            "identity card",
            &["身份证", "二代身份证", "第二代居民身份证"],
        ),
        entry(
            "disability-card",
            "残疾人证",
            "disability card",
            &["残疾证", "第二代残疾人证"],
        ),
        entry(
            "household-booklet",
            "户口簿",
            "household booklet",
            &["户口本"],
        ),
        entry("other", "其他", "other", &["其它"]),
    ],
};

/// Why a member has no identity document.
pub(super) static NO_DOCUMENT_REASON: CodeList = CodeList {
    name: "no-document-reason",
    entries: &[
        entry("not-given", "未提供", "not given", &["未填"]),
        entry("not-issued", "未办理", "not issued yet", &["无", "暂无"]),
    ],
};

/// Where somebody works.
pub(super) static WORK_REGION: CodeList = CodeList {
    name: "work-region",
    entries: &[
        entry(
            "township",
            "乡(镇)内",
            "inside the township",
            &["乡镇内", "乡内", "镇内"],
        ),
        entry(
            "county",
            "乡(镇)外县内",
            "elsewhere in the county",
            &["乡镇外县内", "乡外县内", "县内"],
        ),
        entry(
            "province",
            "县外省内",
            "elsewhere in the province",
            &["省内", "省内县外"],
        ),
        entry("country", "省外", "another province", &[]),
        entry("abroad", "境外", "abroad", &["国外"]),
    ],
};

/// Why a membership in a household ended.
pub(super) static MEMBER_END_REASON: CodeList = CodeList {
    name: "member-end-reason",
    entries: &[
        entry("death", "死亡", "died", &["去世", "自然减少"]),
        entry("moved-away", "迁出", "moved away", &["户口迁出", "搬迁"]),
        entry(
            "marriage",
            "出嫁",
            "married out",
            &["婚嫁", "嫁出", "因婚迁出"],
        ),
        entry("split", "分户", "household split", &["拆户"]),
        entry(
            "registered-by-mistake",
            "识别不准",
            "registered by mistake",
            &["误录", "错评"],
        ),
    ],
};
