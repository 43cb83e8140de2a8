//! The address of a portal: one URL without a path, from which every request starts.
//!
//! A token is worth as much as a password, so that it travels encrypted, or not farther than the own network.

use crate::ClientError;
use std::fmt;
use std::net::IpAddr;

/// `https://portal.example` or `http://127.0.0.1:8470`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PortalAddress(String);

impl PortalAddress {
    /// Reads an address as a person types it: `portal.example` means `https://portal.example`; a trailing slash does not
    /// matter. On this machine it means `http`.
    ///
    /// # Errors
    /// It is no address, has a path, a query or a user name, or is plain `http` to a machine outside the own network.
    pub fn new(text: &str) -> Result<Self, ClientError> {
        let text = text.trim();
        let bad = |why: &str| ClientError::BadAddress { address: text.to_owned(), why: why.to_owned() };
        // On this machine a portal is tried without a certificate.
        let host = text.split([':', '/']).next().unwrap_or_default();
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let scheme = if here { "http" } else { "https" };
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
        let url = reqwest::Url::parse(&with_scheme).map_err(|error| bad(&error.to_string()))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("it names no machine"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it holds a user name; sign in instead"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("only the beginning is wanted, without what follows the name of the machine"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_near(host) => {}
            "http" => return Err(bad("a portal outside your own network needs https, so that nobody can read along")),
            _ => return Err(bad("it must begin with https://")),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a path of the portal. A path that names another machine is refused.
    pub(crate) fn join(&self, path: &str) -> Result<String, ClientError> {
        // A portal answers with paths (`/media/…`) or with URLs of its own.
        let path = match path.strip_prefix(&self.0) {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        };
        let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
        if plain && path.chars().all(|c| !c.is_control()) {
            return Ok(format!("{}{path}", self.0));
        }
        Err(ClientError::Protocol { what: format!("it points to {path:.100}, which is not on this portal") })
    }
}

impl fmt::Display for PortalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for PortalAddress {
    type Err = ClientError;

    fn from_str(text: &str) -> Result<Self, ClientError> {
        Self::new(text)
    }
}

impl serde::Serialize for PortalAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PortalAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// Whether a machine is this one or in the own network.
fn is_near(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local") {
        return true;
    }
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn people_type_addresses_in_many_ways() {
        for (typed, address) in [
            ("portal.example", "https://portal.example"),
            (" https://Portal.Example/ ", "https://portal.example"),
            ("http://127.0.0.1:8470/", "http://127.0.0.1:8470"),
            ("http://localhost:8470", "http://localhost:8470"),
            ("http://192.168.1.20:8470", "http://192.168.1.20:8470"),
            ("http://[::1]:8470", "http://[::1]:8470"),
            ("http://school.local", "http://school.local"),
        ] {
            assert_eq!(PortalAddress::new(typed).unwrap().as_str(), address);
        }
        for bad in [
            "",
            "https://",
            "ftp://portal.example",
            "http://portal.example",
            "http://8.8.8.8",
            "https://a@portal.example",
            "https://portal.example/projects",
            "https://portal.example/?q=1",
            "http://127.0.0.1.example",
        ] {
            let error = PortalAddress::new(bad).unwrap_err();
            assert!(matches!(error, ClientError::BadAddress { .. }), "{bad}: {error}");
        }
    }

    #[test]
    fn nothing_leads_to_another_machine() {
        let portal = PortalAddress::new("http://127.0.0.1:8470").unwrap();
        assert_eq!(portal.join("/media/a.png").unwrap(), "http://127.0.0.1:8470/media/a.png");
        assert_eq!(
            portal.join("http://127.0.0.1:8470/api/v1/uploads/a").unwrap(),
            "http://127.0.0.1:8470/api/v1/uploads/a"
        );
        for bad in [
            "//evil.example/a",
            "https://evil.example/a",
            "media/a",
            "/\\evil.example",
            "http://127.0.0.1:84701/a",
            "/a\r\nX: y",
        ] {
            assert!(portal.join(bad).is_err(), "{bad}");
        }
    }
}
