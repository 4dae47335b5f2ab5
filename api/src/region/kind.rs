//! The types of divisions.

/// The type of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 直辖市.
    Municipality,
    /// 省.
    Province,
    /// 自治区.
    AutonomousRegion,
    /// 特别行政区.
    Sar,
    /// 地级市.
    PrefectureCity,
    /// 自治州.
    AutonomousPrefecture,
    /// 盟.
    League,
    /// 地区.
    Area,
    /// 市辖区, as a division.
    District,
    /// 县.
    County,
    /// 县级市.
    CountyCity,
    /// 自治县.
    AutonomousCounty,
    /// 旗.
    Banner,
    /// 自治旗.
    AutonomousBanner,
    /// 林区.
    ForestryDistrict,
    /// 特区.
    SpecialDistrict,
    /// A development zone or management area of the statistics bureau, not a division.
    FunctionalArea,
    /// A summary row such as 市辖区 below 北京市.
    Group,
    /// Another region: of the statistics bureau, or of the newsroom.
    Other,
}

impl Kind {
    const ALL: [Self; 19] = [
        Self::Municipality,
        Self::Province,
        Self::AutonomousRegion,
        Self::Sar,
        Self::PrefectureCity,
        Self::AutonomousPrefecture,
        Self::League,
        Self::Area,
        Self::District,
        Self::County,
        Self::CountyCity,
        Self::AutonomousCounty,
        Self::Banner,
        Self::AutonomousBanner,
        Self::ForestryDistrict,
        Self::SpecialDistrict,
        Self::FunctionalArea,
        Self::Group,
        Self::Other,
    ];

    /// The name in data files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Municipality => "municipality",
            Self::Province => "province",
            Self::AutonomousRegion => "autonomous_region",
            Self::Sar => "sar",
            Self::PrefectureCity => "prefecture_city",
            Self::AutonomousPrefecture => "autonomous_prefecture",
            Self::League => "league",
            Self::Area => "area",
            Self::District => "district",
            Self::County => "county",
            Self::CountyCity => "county_city",
            Self::AutonomousCounty => "autonomous_county",
            Self::Banner => "banner",
            Self::AutonomousBanner => "autonomous_banner",
            Self::ForestryDistrict => "forestry_district",
            Self::SpecialDistrict => "special_district",
            Self::FunctionalArea => "functional_area",
            Self::Group => "group",
            Self::Other => "other",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
