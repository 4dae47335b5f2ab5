//! Regions as GraphQL sees them.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::connection::Connection;

use super::Division;
use super::Kind;
use super::Level;
use super::Tree;
use crate::article::graphql::Article;
use crate::article::graphql::ArticleOrder;
use crate::article::graphql::public_list;
use crate::article::list::Filter;
use crate::article::list::InRegion;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::size;
use crate::schema::app;

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
        app(ctx).tree().ancestors(&self.0.code).into_iter().next().map(Region)
    }

    /// The regions above, from the province down, as in a breadcrumb.
    #[graphql(complexity = "3 * child_complexity")]
    async fn ancestors(&self, ctx: &Context<'_>) -> Vec<Region> {
        app(ctx).tree().ancestors(&self.0.code).into_iter().rev().map(Region).collect()
    }

    /// The regions straight below, in the order of codes, functional areas such
    /// as development zones among them (see `type`). In place of a summary group
    /// such as 市辖区 stand its members.
    #[graphql(complexity = "20 * child_complexity")]
    async fn children(&self, ctx: &Context<'_>) -> Vec<Region> {
        app(ctx).tree().members(Some(&self.0.code)).into_iter().map(Region).collect()
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
    ) -> Result<Connection<String, Article>> {
        let page = Page::new(first, last, after.as_deref(), before.as_deref())?;
        let region = InRegion { code: self.0.code.clone(), descendants: include_descendants };
        let filter = Filter { region: Some(region), ..Filter::default() };
        public_list(ctx, &filter, order_by.into(), &page).await
    }
}

/// Questions about regions.
#[derive(Default)]
pub struct RegionQuery;

#[Object]
impl RegionQuery {
    /// A region by exactly one of its code, its path and its global id.
    async fn region(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "E.g. 130104.")] code: Option<String>,
        #[graphql(desc = "E.g. hebei/shijiazhuang/qiaoxi.")] path: Option<String>,
        #[graphql(desc = "A global id.")] id: Option<ID>,
    ) -> Result<Option<Region>> {
        let tree = app(ctx).tree();
        let found = match (code, path, id) {
            (Some(code), None, None) => tree.get(&code).cloned(),
            (None, Some(path), None) => tree.at_path(path.trim_matches('/')).cloned(),
            (None, None, Some(id)) => id::decode(&id)
                .filter(|(kind, _)| kind == "Region")
                .and_then(|(_, code)| tree.get(&code).cloned()),
            _ => {
                let message = "Pass exactly one of `code`, `path` and `id`.";
                return Err(Error::invalid("code", Reason::Invalid, message).into());
            }
        };
        Ok(found.map(Region))
    }

    /// The regions of a level in the order of codes, all provinces by default.
    /// Summary groups are left out.
    #[graphql(complexity = "first.clamp(1, 100) as usize * child_complexity + 1")]
    async fn regions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The level.", default_with = "RegionLevel::Province")] level: RegionLevel,
        #[graphql(desc = "So many, 1 to 100.", default = 50)] first: i32,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<String, Region>> {
        // Checks the limit; the cursor of this list is a region's code.
        Page::new(Some(first), None, None, None)?;
        let rows = of_level(&app(ctx).tree(), level.into());
        let start = match &after {
            Some(after) => start_behind(&rows, after)?,
            None => 0,
        };
        let first = usize::try_from(first).unwrap_or(1);
        let mut connection = Connection::new(start > 0, start + first < rows.len());
        let edge = |row: Arc<Division>| {
            async_graphql::connection::Edge::new(id::encode("after", &row.code), Region(row))
        };
        connection.edges.extend(rows.into_iter().skip(start).take(first).map(edge));
        Ok(connection)
    }
}

fn of_level(tree: &Tree, level: Level) -> Vec<Arc<Division>> {
    let mut rows = tree.members(None);
    let mut found = Vec::new();
    while let Some(row) = rows.pop() {
        if row.level < level {
            rows.extend(tree.members(Some(&row.code)));
        } else if row.level == level {
            found.push(row);
        }
    }
    found.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

fn start_behind(rows: &[Arc<Division>], after: &str) -> Result<usize, Error> {
    let code = id::decode(after).filter(|(kind, _)| kind == "after").map(|(_, code)| code);
    let code = code.ok_or_else(|| {
        let message = "`after` is not a cursor: pass one that an edge of this list gave you.";
        Error::invalid("after", Reason::Invalid, message)
    })?;
    Ok(rows.partition_point(|row| row.code <= code))
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
