// Keeps what a subscription gives, in its order.
import { until } from './checks.mjs';

export class Heard {
  values = [];
  error = undefined;
  complete = false;

  /** For clients that take an observer. */
  sink = {
    next: (value) => this.values.push(value),
    error: (error) => { this.error = error; },
    complete: () => { this.complete = true; },
  };

  /** The first value like that, behind the first `from` ones. */
  async find(what, like, from = 0) {
    return until(what, () => {
      if (this.error !== undefined) throw new Error(`${what}: ${JSON.stringify(this.error)}`);
      return this.values.slice(from).find(like);
    });
  }

  /** Repeats an act until it is heard of: nothing tells when a subscription has begun. */
  async begins(act) {
    await until('a subscription to begin', async () => {
      await act();
      const end = Date.now() + 200;
      return until('it', () => this.values.length > 0 || Date.now() > end).then(() => this.values.length > 0);
    });
  }

  async ends(what) {
    await until(what, () => this.error !== undefined || this.complete);
    return this.error;
  }
}

export const PUBLISHED = `subscription($region: String, $channel: String, $after: String) {
  articlePublished(region: $region, channel: $channel, after: $after) { cursor at article { id title slug } }
}`;
export const CHANGED = `subscription($id: ID!, $after: String) {
  articleChanged(id: $id, after: $after) { cursor at kind articleId article { id title version } }
}`;
export const TOTALS = `subscription($articles: [ID!]!) {
  viewTotals(articles: $articles) { articleId total counted imported }
}`;
