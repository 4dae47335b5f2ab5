//! Settings for users of an identity provider.

use clap::Args;

/// How their tokens are known (JSON Web Tokens, RFC 7519).
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Users of your identity provider")]
pub struct Jwt {
    /// Believes JSON Web Tokens that are signed with this secret by HS256; at least 32 bytes.
    #[arg(long = "jwt-secret", env = "REDIAN_JWT_SECRET", hide_env_values = true, global = true,
          value_parser = secret)]
    pub secret: Option<String>,

    /// Believes those that are signed with these keys by RS256 or ES256: a JSON Web Key Set, as a
    /// file or at an address of the web. Read anew every five minutes.
    #[arg(long = "jwt-keys", env = "REDIAN_JWT_KEYS", value_name = "FILE|URL", global = true)]
    pub keys: Option<String>,

    /// For whom a token must be made: its claim `aud`. Needed with a secret or keys.
    #[arg(long = "jwt-audience", env = "REDIAN_JWT_AUDIENCE", global = true)]
    pub audience: Option<String>,

    /// Who must have made it: its claim `iss`; not looked at without this.
    #[arg(long = "jwt-issuer", env = "REDIAN_JWT_ISSUER", global = true)]
    pub issuer: Option<String>,

    /// Where a token has the roles of its user: the name of a claim, or a JSON Pointer (RFC 6901)
    /// such as /realm_access/roles. A text with spaces is several roles.
    #[arg(
        long = "jwt-roles-claim",
        env = "REDIAN_JWT_ROLES_CLAIM",
        default_value = "roles",
        global = true
    )]
    pub roles_claim: String,

    /// What roles may do, parted by commas: ROLE=SCOPE or ROLE=SCOPE+SCOPE, e.g.
    /// `author=write,editor=publish`. Others may do what readers may.
    #[arg(long = "jwt-roles", env = "REDIAN_JWT_ROLES", value_delimiter = ',', global = true)]
    pub roles: Vec<String>,
}

/// RFC 7518, 3.2: a key for HS256 has at least the size of the hash.
fn secret(text: &str) -> Result<String, &'static str> {
    let sound = text.len() >= 32;
    sound.then(|| text.to_owned()).ok_or("a secret for HS256 has at least 32 bytes")
}
