// What a newsroom and its readers do meanwhile, by plain requests.
import { randomBytes } from 'node:crypto';

export class Desk {
  constructor(url, token) {
    this.url = url;
    this.headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  }

  /** Does a mutation; its one field. */
  async does(name, type, fields, input) {
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { message } } }`;
    const body = JSON.stringify({ query, variables: { input } });
    const response = await fetch(this.url, { method: 'POST', headers: this.headers, body });
    const { data, errors } = await response.json();
    const payload = data?.[name];
    if (!payload || payload.userErrors.length > 0) {
      throw new Error(`${name}: ${JSON.stringify(errors ?? payload)}`);
    }
    return payload;
  }

  /** An article that readers see, or a draft. */
  async article(title, more = {}) {
    const input = { title, body: `${title}。`, ...more };
    const { article } = await this.does('createArticle', 'CreateArticleInput', 'article { id version }', input);
    return article;
  }

  async publishes(id) {
    return this.does('publishArticle', 'PublishArticleInput', 'article { id version slug }', { id });
  }

  async published(title, more = {}) {
    const { id } = await this.article(title, more);
    return (await this.publishes(id)).article;
  }

  async updates(id, version, changes) {
    const input = { id, version, ...changes };
    return (await this.does('updateArticle', 'UpdateArticleInput', 'article { id version }', input)).article;
  }

  async deletes(id) {
    return this.does('deleteArticle', 'DeleteArticleInput', 'deletedId', { id });
  }

  /** A reader sees an article: one view, as each is another reader. */
  async seen(article) {
    const time = Date.now().toString(16).padStart(12, '0');
    const rest = randomBytes(10).toString('hex');
    const eventId = `${time}7${rest.slice(0, 3)}8${rest.slice(3, 18)}`
      .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const headers = { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0' };
    const body = JSON.stringify({ eventId, article, visitorId: rest });
    const response = await fetch(new URL('/v1/views', this.url), { method: 'POST', headers, body });
    const { results } = await response.json();
    if (results?.[0].verdict !== 'COUNTED') throw new Error(`not counted: ${JSON.stringify(results)}`);
    return results[0].total;
  }
}
