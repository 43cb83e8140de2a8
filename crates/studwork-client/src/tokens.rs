//! Where tokens are kept: in the system's keyring, and where there is none, in a file that only its owner can read, which is
//! said plainly.

use crate::{PortalAddress, Token};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use studwork_core::package::sha256_hex;

/// The name under which the keyring knows the program.
const SERVICE: &str = "studwork";
/// Set to `file` to leave the keyring alone.
const CHOICE: &str = "STUDWORK_KEYRING";

/// Keeps tokens, one for each portal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenStore {
    folder: PathBuf,
    keyring: bool,
}

/// Where a token was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SavedIn {
    /// In the system's keyring.
    Keyring,
    /// In this file.
    File(PathBuf),
}

/// For people.
impl std::fmt::Display for SavedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keyring => f.write_str("Your sign-in is kept in the system's keyring."),
            Self::File(path) => write!(
                f,
                "No keyring of the system is used, so your sign-in is kept in the file {}, which only you can read. \
                 Whoever gets that file can act for you on the portal until you sign out.",
                path.display()
            ),
        }
    }
}

/// Why a token cannot be kept or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Neither a keyring nor a folder.
    #[error("your sign-in cannot be kept in {}: {source}; check the rights of that folder", path.display())]
    File {
        /// Where it should have been.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no home folder.
    #[error("this system names no folder for settings, so your sign-in cannot be kept; set HOME")]
    NoFolder,
}

impl TokenStore {
    /// The keyring, and a folder of settings where there is none. `STUDWORK_KEYRING=file` leaves the keyring alone.
    ///
    /// # Errors
    /// The system names no folder for settings.
    pub fn of_user() -> Result<Self, TokenError> {
        let folders = directories::ProjectDirs::from("", "", "studwork").ok_or(TokenError::NoFolder)?;
        let keyring = std::env::var_os(CHOICE).is_none_or(|choice| choice != "file");
        Ok(Self { folder: folders.config_dir().join("sign-ins"), keyring })
    }

    /// Files in a folder only.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), keyring: false }
    }

    fn file(&self, portal: &PortalAddress) -> PathBuf {
        self.folder.join(&sha256_hex(portal.as_str().as_bytes())[..24]).with_extension("json")
    }

    fn entry(&self, portal: &PortalAddress) -> Option<keyring::Entry> {
        if !self.keyring {
            return None;
        }
        keyring::Entry::new(SERVICE, portal.as_str()).ok()
    }

    /// Keeps a token in place of the one before.
    ///
    /// # Errors
    /// There is no keyring, and the file cannot be written.
    pub fn save(&self, portal: &PortalAddress, token: &Token) -> Result<SavedIn, TokenError> {
        let json = serde_json::to_vec(token).expect("texts and numbers are JSON");
        let path = self.file(portal);
        if let Some(entry) = self.entry(portal) {
            let kept = entry.set_secret(&json);
            // Some keyrings take everything and give nothing back.
            if kept.is_ok() && entry.get_secret().is_ok_and(|back| back == json) {
                let _ = fs::remove_file(&path);
                return Ok(SavedIn::Keyring);
            }
        }
        write_private(&path, &json).map_err(|source| TokenError::File { path: path.clone(), source })?;
        Ok(SavedIn::File(path))
    }

    /// The token for a portal, unless its time is over.
    pub fn load(&self, portal: &PortalAddress) -> Option<Token> {
        let from_keyring = || self.entry(portal)?.get_secret().ok();
        let json = fs::read(self.file(portal)).ok().or_else(from_keyring)?;
        let token: Token = serde_json::from_slice(&json).ok()?;
        (!token.is_expired(SystemTime::now())).then_some(token)
    }

    /// Forgets the token for a portal; whether there was one.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn forget(&self, portal: &PortalAddress) -> Result<bool, TokenError> {
        let in_keyring = self.entry(portal).is_some_and(|entry| entry.delete_credential().is_ok());
        let path = self.file(portal);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(in_keyring),
            Err(source) => Err(TokenError::File { path, source }),
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    // Temporary files are for their owner alone, and stay so when renamed.
    let mut file = tempfile::Builder::new().prefix(".sign-in-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a folder, with those around it, that only its owner can look into.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = TokenStore::in_folder(&folder.path().join("deep/sign-ins"));
        let portal = PortalAddress::new("https://portal.example").unwrap();
        let other = PortalAddress::new("https://other.example").unwrap();
        assert_eq!(store.load(&portal), None);
        let token = Token { secret: "swp_secret".to_owned(), expires: None };
        let SavedIn::File(path) = store.save(&portal, &token).unwrap() else {
            panic!("there is no keyring in this test")
        };
        assert!(SavedIn::File(path.clone()).to_string().contains(&path.display().to_string()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(store.load(&portal), Some(token.clone()));
        assert_eq!(store.load(&other), None, "each portal has its own");
        let renewed = Token { secret: "swp_other".to_owned(), ..token };
        store.save(&portal, &renewed).unwrap();
        assert_eq!(store.load(&portal), Some(renewed.clone()));
        assert!(!format!("{renewed:?}").contains("swp_other"), "a log must not tell it");
        assert!(store.forget(&portal).unwrap());
        assert!(!store.forget(&portal).unwrap());
        assert_eq!(store.load(&portal), None);
    }

    #[test]
    fn a_token_whose_time_is_over_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = TokenStore::in_folder(folder.path());
        let portal = PortalAddress::new("https://portal.example").unwrap();
        store.save(&portal, &Token { secret: "a".to_owned(), expires: Some(1_000) }).unwrap();
        assert_eq!(store.load(&portal), None);
    }
}
