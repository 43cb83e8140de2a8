//! Mail over SMTP, to a server on loopback that speaks as much of the protocol as one mail takes.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::support::{TestPortal, grounds};

/// Takes mail until the test ends; each message with the addresses it was sent to.
async fn server() -> (u16, mpsc::UnboundedReceiver<(Vec<String>, String)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (messages, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, messages.clone()));
        }
    });
    (port, received)
}

async fn talk(stream: TcpStream, messages: mpsc::UnboundedSender<(Vec<String>, String)>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = Vec::new();
    write.write_all(b"220 test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match word.as_str() {
            "EHLO" => b"250-test\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to.push(line.clone());
                b"250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push_str(&line);
                    text.push('\n');
                }
                let _ = messages.send((std::mem::take(&mut to), text));
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_confirmation_goes_out_by_smtp() {
    let (port, mut received) = server().await;
    let ground = grounds().await.remove(0);
    let portal = TestPortal::start_with(&ground, |config| {
        config.smtp = Some(format!("smtp://127.0.0.1:{port}"));
        config.mail_from = "The portal <portal@example.com>".into();
    })
    .await;
    studwork_portal::accounts::sign_up(&portal.server.portal, "eve@example.com", "correct horse battery", "Eve")
        .await
        .unwrap();
    let wait = tokio::time::timeout(std::time::Duration::from_secs(30), received.recv());
    let (to, text) = wait.await.unwrap().unwrap();
    assert_eq!(to, ["RCPT TO:<eve@example.com>"]);
    assert!(text.contains("From: ") && text.contains("portal@example.com"), "{text}");
    // Lines of a mail are short; a long one is continued after a `=`.
    let text = text.replace("=\n", "").replace("=3D", "=");
    assert!(text.contains(&format!("{}/verify?token=", portal.server.url())), "{text}");
    assert!(!portal.dir.path().join("mail").exists(), "nothing is left in the folder");
}
