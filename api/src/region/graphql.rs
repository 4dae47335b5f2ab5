//! Regions as GraphQL sees them.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;

use super::Division;
use super::Kind;
use super::Level;
use crate::article::Audience;
use crate::article::graphql::Article;
use crate::article::graphql::ArticleOrder;
use crate::article::graphql::public_list;
use crate::article::list;
use crate::article::list::COUNTED;
use crate::article::list::Filter;
use crate::article::list::InRegion;
use crate::cache::tag;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::size;
use crate::protocol::scalar::Count;
use crate::schema::app;
use crate::schema::reads;
use crate::schema::tree;

/// An administrative division (GB/T 2260) or another region.
#[derive(Clone, Description)]
pub struct Region(pub Arc<Division>);

#[Object(use_type_description)]
impl Region {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("Region", &self.0.code).into()
    }

    /// Six digits of GB/T 2260 where it has one; what a region is known by.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The full name, e.g. 石家庄市. Names repeat: 桥西区 is in two cities.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The name without its ending, e.g. 石家庄.
    async fn short_name(&self) -> &str {
        &self.0.short_name
    }

    /// What it was called before, under the same code.
    async fn former_names(&self) -> &[String] {
        &self.0.former_names
    }

    /// The pinyin of the name without tones, a syllable for each character:
    /// `shi jia zhuang shi`. Null where nobody gave it.
    async fn pinyin(&self) -> Option<&str> {
        self.0.pinyin.as_deref()
    }

    /// ISO 3166-2, e.g. CN-HE; of provinces.
    async fn iso_code(&self) -> Option<&str> {
        self.0.iso.as_deref()
    }

    /// A development zone or management area of the statistics bureau: no
    /// administrative division.
    async fn is_functional_area(&self) -> bool {
        self.0.kind == Kind::FunctionalArea
    }

    /// Since when it exists under this code and name: `YYYY-MM-DD`, or the year
    /// alone. Null where that is not known, or before 1981.
    async fn valid_since(&self) -> Option<&str> {
        self.0.since.as_deref()
    }

    /// When it was closed: `YYYY-MM-DD`, or the year alone. Null while it exists.
    async fn valid_until(&self) -> Option<&str> {
        self.0.until.as_deref()
    }

    /// The closed divisions that became part of it. Asked for by one of their
    /// codes, `region` answers with this one.
    #[graphql(complexity = "3 * child_complexity")]
    async fn predecessors(&self, ctx: &Context<'_>) -> Vec<Region> {
        tree(ctx).predecessors(&self.0.code).iter().cloned().map(Region).collect()
    }

    /// Province, prefecture or county.
    async fn level(&self) -> RegionLevel {
        self.0.level.into()
    }

    /// The type of division.
    #[graphql(name = "type")]
    async fn kind(&self) -> RegionType {
        self.0.kind.into()
    }

    /// For addresses, e.g. `hebei/shijiazhuang/qiaoxi`; null for summary groups.
    async fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The region above, summary groups left out; null for a province.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Region> {
        tree(ctx).ancestors(&self.0.code).into_iter().next().map(Region)
    }

    /// The regions above, from the province down, as in a breadcrumb.
    #[graphql(complexity = "3 * child_complexity")]
    async fn ancestors(&self, ctx: &Context<'_>) -> Vec<Region> {
        tree(ctx).ancestors(&self.0.code).into_iter().rev().map(Region).collect()
    }

    /// The regions straight below, in the order of codes. In place of a summary
    /// group such as 市辖区 stand its members.
    #[graphql(complexity = "20 * child_complexity")]
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Also what only the statistics know, functional areas above all.",
            default = false
        )]
        include_functional_areas: bool,
    ) -> Vec<Region> {
        let mut found = tree(ctx).members(Some(&self.0.code));
        found.retain(|row| include_functional_areas || row.is_administrative());
        found.into_iter().map(Region).collect()
    }

    /// All regions below, each before those below it, in the order of codes.
    #[graphql(complexity = "100 * child_complexity")]
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this level alone.")] level: Option<RegionLevel>,
        #[graphql(
            desc = "Also what only the statistics know, functional areas above all.",
            default = false
        )]
        include_functional_areas: bool,
    ) -> Vec<Region> {
        let mut found = tree(ctx).descendants(Some(&self.0.code));
        found.retain(|row| level.is_none_or(|level| row.level == level.into()));
        found.retain(|row| include_functional_areas || row.is_administrative());
        found.into_iter().map(Region).collect()
    }

    /// How many articles readers see about this region, counted up to 10,000.
    #[graphql(complexity = 50)]
    async fn article_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also articles of the regions below.", default = true)]
        include_descendants: bool,
    ) -> Result<Count> {
        let app = app(ctx);
        let audience = Audience::Public(app.clock.now());
        let region = self.with(ctx, include_descendants);
        reads(ctx).tag(tag::region(&region.code));
        let counting = list::count_in(&app.db.read, audience, &region, COUNTED + 1);
        let found = Box::pin(counting).await?;
        Ok(Count::up_to(COUNTED, found))
    }

    /// What readers see about this region.
    #[graphql(complexity = "size(first, last) * child_complexity + 1")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also articles of the regions below.", default = true)]
        include_descendants: bool,
        #[graphql(desc = "The order.", default_with = "ArticleOrder::Newest")]
        order_by: ArticleOrder,
        #[graphql(desc = "So many from the start, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Article>> {
        let page = Page::new(first, last, after.as_deref(), before.as_deref())?;
        let region = self.with(ctx, include_descendants);
        let filter = Filter { region: Some(region), ..Filter::default() };
        public_list(ctx, &filter, order_by.into(), &page).await
    }
}

impl Region {
    fn with(&self, ctx: &Context<'_>, descendants: bool) -> InRegion {
        InRegion { code: self.0.code.clone(), descendants, edition: tree(ctx).edition() }
    }
}

/// The level of a region.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Level", name = "RegionLevel")]
pub enum RegionLevel {
    /// 省级.
    Province,
    /// 地级.
    Prefecture,
    /// 县级.
    County,
}

/// The type of a region. New values may come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind", name = "RegionType")]
pub enum RegionType {
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
    /// A development zone or management area of the statistics bureau; not an
    /// administrative division.
    FunctionalArea,
    /// A summary row such as 市辖区 below 北京市.
    Group,
    /// Another region.
    Other,
}
