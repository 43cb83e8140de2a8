//! Mail to people: through SMTP, or as files in a folder when no server is named, so that a portal works before anybody
//! set up mail. Knows addresses and texts; why a mail is sent is its caller's business.

use std::path::PathBuf;

use lettre::message::header::ContentTransferEncoding;
use lettre::message::{Body, Mailbox};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::Config;
use crate::secrets;

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// Sets up what the configuration names.
    ///
    /// # Errors
    /// When the SMTP address or the sender is not understood.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let way = match &config.smtp {
            Some(url) => Way::Smtp(AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.build()),
            None => Way::Folder(config.data.join("mail")),
        };
        Ok(Self { from: config.mail_from.parse()?, way })
    }

    /// Whether mail goes to a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self.way, Way::Folder(_))
    }

    /// Sends a text in the background. A failure is logged: whoever asked must not learn from it whether the address
    /// exists.
    pub fn send(&self, to: &str, subject: &str, text: &str) {
        let mailer = self.clone();
        let (to, subject, text) = (to.to_owned(), subject.to_owned(), text.to_owned());
        tokio::spawn(async move {
            if let Err(error) = mailer.send_now(&to, &subject, text).await {
                tracing::error!("a mail was not sent: {error:#}");
            }
        });
    }

    async fn send_now(&self, to: &str, subject: &str, text: String) -> anyhow::Result<()> {
        // In a folder people read it as it lies there: links must not be broken over lines.
        let body = match &self.way {
            Way::Smtp(_) => Body::new(text),
            Way::Folder(_) => {
                Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::EightBit)
            }
        };
        let message = Message::builder().from(self.from.clone()).to(to.parse()?).subject(subject).body(body)?;
        match &self.way {
            Way::Smtp(smtp) => {
                smtp.send(message).await?;
            }
            Way::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await?;
                let name = format!("{}.eml", secrets::id());
                let staged = folder.join(format!(".{name}"));
                tokio::fs::write(&staged, message.formatted()).await?;
                tokio::fs::rename(&staged, folder.join(name)).await?;
            }
        }
        Ok(())
    }

    /// Whether `text` can be a mail address.
    #[must_use]
    pub fn is_address(text: &str) -> bool {
        text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
    }
}
