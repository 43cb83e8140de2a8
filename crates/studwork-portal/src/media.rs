//! Pictures for pages, made from the pictures of a package, and Markdown as clean HTML. Knows nothing of projects;
//! everything here takes time and belongs where blocking is allowed.

use std::collections::HashSet;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay};
use image::{DynamicImage, ImageReader, Limits, Rgb, RgbImage};
use pulldown_cmark::{Event, Options, Parser, html};

/// Widest side of a card's picture, in pixels.
const CARD: u32 = 640;
/// Widest side of a picture on a page.
const SHOWN: u32 = 1280;
/// Widest side of a frame of the turntable.
const FRAME: u32 = 640;
/// The size of a link preview.
const PREVIEW: (u32, u32) = (1200, 630);

/// The pictures of one version as JPEG files.
#[derive(Debug, Default)]
pub struct Pictures {
    /// For cards.
    pub card: Vec<u8>,
    /// For link previews.
    pub preview: Vec<u8>,
    /// For the page, cover first.
    pub images: Vec<Vec<u8>>,
    /// The turntable.
    pub turntable: Vec<Vec<u8>>,
}

/// Makes the pictures for pages from PNG files.
///
/// # Errors
/// When a file does not decode within the limits.
pub fn pictures(images: &[Vec<u8>], turntable: &[Vec<u8>]) -> anyhow::Result<Pictures> {
    let mut made = Pictures::default();
    for (index, bytes) in images.iter().enumerate() {
        let image = decode(bytes)?;
        if index == 0 {
            made.card = jpeg(&fit(&image, CARD))?;
            made.preview = jpeg(&preview(&image))?;
        }
        made.images.push(jpeg(&fit(&image, SHOWN))?);
    }
    for bytes in turntable {
        made.turntable.push(jpeg(&fit(&decode(bytes)?, FRAME))?);
    }
    Ok(made)
}

fn decode(bytes: &[u8]) -> anyhow::Result<RgbImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(16_384);
    limits.max_image_height = Some(16_384);
    limits.max_alloc = Some(512 << 20);
    reader.limits(limits);
    Ok(flatten(&reader.decode()?))
}

/// Without transparency: JPEG has none, so what shows through is white.
fn flatten(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(rgb.pixels_mut()) {
        let alpha = u32::from(from[3]);
        for channel in 0..3 {
            let mixed = (u32::from(from[channel]) * alpha + 255 * (255 - alpha)) / 255;
            to[channel] = u8::try_from(mixed).unwrap_or(255);
        }
    }
    rgb
}

fn fit(image: &RgbImage, side: u32) -> RgbImage {
    let longest = image.width().max(image.height());
    if longest <= side {
        return image.clone();
    }
    let scaled =
        |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(longest)).unwrap_or(1).max(1);
    image::imageops::resize(image, scaled(image.width()), scaled(image.height()), FilterType::Triangle)
}

/// The whole picture in the middle, its corner's color around it.
fn preview(image: &RgbImage) -> RgbImage {
    let corner = image.get_pixel_checked(0, 0).copied().unwrap_or(Rgb([245, 245, 245]));
    let mut canvas = RgbImage::from_pixel(PREVIEW.0, PREVIEW.1, corner);
    let inner = fit(image, PREVIEW.1);
    let x = i64::from(PREVIEW.0.saturating_sub(inner.width()) / 2);
    let y = i64::from(PREVIEW.1.saturating_sub(inner.height()) / 2);
    overlay(&mut canvas, &inner, x, y);
    canvas
}

fn jpeg(image: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(image)?;
    Ok(bytes)
}

/// Markdown as HTML that is safe on a page: no scripts, no styles, no pictures from elsewhere; links open without
/// telling where from and without standing in search engines.
#[must_use]
pub fn html_of_markdown(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    // HTML in Markdown is shown as the text it is.
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut raw = String::new();
    html::push_html(&mut raw, events);
    // The page has one h1 and sections with h2: headings of a text go below.
    for (from, to) in [("h4", "h6"), ("h3", "h5"), ("h2", "h4"), ("h1", "h3")] {
        raw = raw.replace(&format!("<{from}>"), &format!("<{to}>")).replace(&format!("</{from}>"), &format!("</{to}>"));
    }
    ammonia::Builder::default()
        .tags(HashSet::from([
            "p",
            "br",
            "em",
            "strong",
            "del",
            "code",
            "pre",
            "blockquote",
            "ul",
            "ol",
            "li",
            "a",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .clean(&raw)
        .to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn markdown_keeps_its_sense_and_loses_its_teeth() {
        let html = html_of_markdown("# Big\n\n**bold** [here](https://example.com) <script>alert(1)</script>");
        assert!(html.contains("<h3>Big</h3>"), "{html}");
        assert!(html.contains("<strong>bold</strong>"));
        assert!(html.contains("rel=\"noopener noreferrer nofollow ugc\""));
        assert!(!html.contains("<script"), "{html}");
        for evil in [
            "[x](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "![x](https://tracker.example/p.png)",
            "<a href=\"data:text/html,x\">x</a>",
            "<svg onload=alert(1)>",
            "<style>*{display:none}</style>",
            "[x](<javascript:alert(1)> \"t\")",
        ] {
            let html = html_of_markdown(evil);
            for trace in ["<script", "<a href=\"javascript", "<a href=\"data", "<img", "<svg", "<style"] {
                assert!(!html.contains(trace), "{evil} became {html}");
            }
        }
    }

    #[test]
    fn pictures_fit_and_lose_transparency() {
        let mut png = Vec::new();
        let image = image::RgbaImage::from_pixel(1500, 1500, image::Rgba([0, 0, 0, 0]));
        image.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let made = pictures(std::slice::from_ref(&png), &[png.clone()]).unwrap();
        let card = image::load_from_memory(&made.card).unwrap();
        assert_eq!((card.width(), card.height()), (640, 640));
        assert!(card.to_rgb8().get_pixel(5, 5).0.iter().all(|value| *value > 250));
        let preview = image::load_from_memory(&made.preview).unwrap();
        assert_eq!((preview.width(), preview.height()), PREVIEW);
        assert_eq!(made.images.len(), 1);
        assert_eq!(made.turntable.len(), 1);
    }
}
