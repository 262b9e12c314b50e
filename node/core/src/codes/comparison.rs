//! Lists about comparisons with other bureaus.

use super::{CodeList, entry};

/// Whose list it is: what an office holds against the registry.
pub(super) static SOURCE: CodeList = CodeList {
    name: "comparison-source",
    entries: &[
        entry("vehicles", "车辆登记", "registered vehicles", &["车辆"]),
        entry("property", "不动产登记", "registered property", &["房产"]),
        entry(
            "companies",
            "工商登记",
            "registered companies",
            &["企业登记"],
        ),
        entry("payroll", "财政供养人员", "public payroll", &["财政供养"]),
        entry("allowances", "补贴发放", "allowances paid", &["补贴"]),
        entry("deaths", "死亡登记", "registered deaths", &["死亡"]),
    ],
};

/// What such lists say, with the headings under which it stands.
pub(super) static FIELD: CodeList = CodeList {
    name: "comparison-field",
    entries: &[
        entry(
            "plate",
            "号牌号码",
            "plate",
            &["车牌号", "车牌号码", "号牌"],
        ),
        entry(
            "vehicle-type",
            "车辆类型",
            "type of vehicle",
            &["车型", "车辆型号", "品牌型号"],
        ),
        entry(
            "certificate",
            "不动产权证号",
            "certificate",
            &["产权证号", "不动产单元号", "房产证号"],
        ),
        entry(
            "location",
            "坐落",
            "location",
            &["房屋坐落", "房屋地址", "坐落地址"],
        ),
        entry(
            "floor-space",
            "建筑面积",
            "floor space",
            &["面积", "房屋面积"],
        ),
        entry(
            "credit-code",
            "统一社会信用代码",
            "credit code",
            &["信用代码", "注册号"],
        ),
        entry(
            "company",
            "企业名称",
            "company",
            &["公司名称", "单位名称", "字号名称"],
        ),
        entry("position", "职务", "position", &["任职", "岗位"]),
        entry("capital", "注册资本", "capital", &["出资额", "认缴出资额"]),
        entry(
            "employer",
            "工作单位",
            "employer",
            &["供职单位", "所在单位"],
        ),
        entry("wages", "月工资", "monthly wages", &["工资", "应发工资"]),
        entry(
            "programme",
            "补贴项目",
            "programme",
            &["补贴名称", "项目名称"],
        ),
        entry("amount", "补贴金额", "amount", &["金额", "发放金额"]),
        entry(
            "registered-on",
            "登记日期",
            "registered on",
            &["注册日期", "登记时间", "成立日期"],
        ),
        entry("died-on", "死亡日期", "died on", &["死亡时间", "注销日期"]),
    ],
};

/// What somebody found who verified a doubt.
pub(super) static FINDING: CodeList = CodeList {
    name: "doubt-finding",
    entries: &[
        entry("true", "情况属实", "it is true", &["属实"]),
        entry("mistaken", "情况不实", "it is mistaken", &["不实", "误报"]),
    ],
};
