//! Where packages and pictures lie: a folder, or any S3-compatible store. Lasting objects are named by their SHA-256, so
//! that storing one twice is harmless and what is read can be checked. Knows bytes and names only.

use std::path::Path as FilePath;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload};

use crate::secrets;

/// The store of one portal.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
}

/// An object that was just stored under its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
    /// Where it lies in the store.
    pub path: String,
    /// How long it is.
    pub bytes: i64,
}

/// One object of a listing.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Where it lies in the store.
    pub path: String,
    /// Milliseconds since 1970.
    pub modified: i64,
}

impl Store {
    /// Opens the store at `url`: `s3://bucket[/prefix][?endpoint=…&region=…&anonymous=1]` (what the address leaves out comes
    /// from the usual `AWS_…` variables), a folder, or `store` in `data` when none is named.
    ///
    /// # Errors
    /// When the folder cannot be made or the address is not understood.
    pub fn open(url: Option<&str>, data: &FilePath) -> anyhow::Result<Self> {
        if let Some(rest) = url.and_then(|url| url.strip_prefix("s3://")) {
            return Self::open_s3(rest);
        }
        let folder = match url {
            Some(url) => FilePath::new(url.strip_prefix("file://").unwrap_or(url)).to_path_buf(),
            None => data.join("store"),
        };
        std::fs::create_dir_all(&folder)?;
        let local = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { inner: Arc::new(local) })
    }

    fn open_s3(rest: &str) -> anyhow::Result<Self> {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        anyhow::ensure!(!bucket.is_empty(), "s3:// needs the name of a bucket: s3://bucket or s3://bucket/prefix");
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        let mut endpoint = std::env::var("AWS_ENDPOINT_URL").or_else(|_| std::env::var("AWS_ENDPOINT")).ok();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "endpoint" => endpoint = Some(value.to_owned()),
                "region" => builder = builder.with_region(value),
                "anonymous" => builder = builder.with_skip_signature(true),
                other => {
                    anyhow::bail!("the store's address has an option `{other}`; known are endpoint, region, anonymous")
                }
            }
        }
        let plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let s3 =
            builder.with_allow_http(plain).with_client_options(ClientOptions::new().with_allow_http(plain)).build()?;
        let prefix = prefix.trim_matches('/');
        Ok(if prefix.is_empty() {
            Self { inner: Arc::new(s3) }
        } else {
            Self { inner: Arc::new(PrefixStore::new(s3, prefix)) }
        })
    }

    /// Stores `bytes` under their hash, in `kind/ab/hash.extension`, durably.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn put_blob(&self, kind: &str, extension: &str, bytes: Vec<u8>) -> Result<Blob, object_store::Error> {
        let sha256 = secrets::sha256_hex(&bytes);
        let path = format!("{kind}/{}/{sha256}.{extension}", &sha256[..2]);
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.put(&path, bytes).await?;
        Ok(Blob { sha256, path, bytes: length })
    }

    /// Stores `bytes` at `path`, durably.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), object_store::Error> {
        self.inner.put(&Path::from(path), PutPayload::from(bytes)).await.map(drop)
    }

    /// The bytes at `path`.
    ///
    /// # Errors
    /// `NotFound`, and those of the store.
    pub async fn get(&self, path: &str) -> Result<Vec<u8>, object_store::Error> {
        Ok(self.inner.get(&Path::from(path)).await?.bytes().await?.to_vec())
    }

    /// The bytes at `path` as a stream, with their length.
    ///
    /// # Errors
    /// `NotFound`, and those of the store.
    pub async fn stream(
        &self,
        path: &str,
    ) -> Result<
        (u64, futures_util::stream::BoxStream<'static, Result<axum::body::Bytes, object_store::Error>>),
        object_store::Error,
    > {
        let found = self.inner.get(&Path::from(path)).await?;
        Ok((found.meta.size, found.into_stream()))
    }

    /// Removes the object at `path`; one that is not there is no error.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete(&self, path: &str) -> Result<(), object_store::Error> {
        match self.inner.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Everything below `folder` (`""` for all).
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, folder: &str) -> Result<Vec<Listed>, object_store::Error> {
        let prefix = (!folder.is_empty()).then(|| Path::from(folder));
        self.inner
            .list(prefix.as_ref())
            .map_ok(|meta| Listed { path: meta.location.to_string(), modified: meta.last_modified.timestamp_millis() })
            .try_collect()
            .await
    }
}
