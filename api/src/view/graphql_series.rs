//! Views over time as GraphQL sees them.

use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::Object;
use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use super::series::Granularity;
use super::series::Point;
use super::visitors::Estimate;
use crate::protocol::scalar::Long;

/// The length of a point of a series.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Granularity")]
pub enum ViewGranularity {
    /// An hour.
    Hour,
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
}

/// Views over time.
#[derive(Description)]
pub struct ViewSeries {
    /// The points.
    pub points: Vec<Point>,
    /// Whose days and months.
    pub zone: Tz,
}

#[Object(use_type_description)]
impl ViewSeries {
    /// In the order of time, without gaps.
    async fn points(&self) -> Vec<ViewPoint> {
        self.points.iter().copied().map(ViewPoint).collect()
    }

    /// The time zone of hours, days and months.
    async fn time_zone(&self) -> &str {
        self.zone.name()
    }
}

/// The views of an hour, a day or a month.
#[derive(Description)]
pub struct ViewPoint(Point);

#[Object(use_type_description)]
impl ViewPoint {
    /// Its start.
    async fn start(&self) -> DateTime<Utc> {
        self.0.start
    }

    /// Its end, exclusive.
    async fn end(&self) -> DateTime<Utc> {
        self.0.end
    }

    /// Counted views of the whole hour, day or month.
    async fn views(&self) -> Long {
        Long(self.0.views)
    }

    /// Different visitors, for days of the site's time zone. Who comes on two days is
    /// two visitors: nobody is followed from day to day.
    async fn visitors(&self) -> Option<VisitorEstimate> {
        self.0.visitors.map(VisitorEstimate)
    }

    /// It is not over yet, or only a part of it was asked for; `views` are those of
    /// the whole all the same.
    async fn partial(&self) -> bool {
        self.0.partial
    }
}

/// A number of visitors, exact up to 500.
#[derive(Description)]
pub struct VisitorEstimate(Estimate);

#[Object(use_type_description)]
impl VisitorEstimate {
    /// The most likely number.
    async fn value(&self) -> Long {
        Long(self.0.value)
    }

    /// The lower bound (two standard errors).
    async fn lower(&self) -> Long {
        Long(self.0.lower)
    }

    /// The upper bound (two standard errors).
    async fn upper(&self) -> Long {
        Long(self.0.upper)
    }

    /// Whether it was counted rather than estimated.
    async fn exact(&self) -> bool {
        self.0.exact
    }
}
