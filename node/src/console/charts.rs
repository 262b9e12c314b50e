//! Charts as inline SVG.

use plotters::{
    backend::SVGBackend,
    drawing::IntoDrawingArea as _,
    element::{Rectangle, Text},
    style::{
        Color as _, IntoFont as _, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

const WIDTH: i32 = 640;
const ROW: i32 = 30;
const BAR: i32 = 18;
const MARGIN: i32 = 6;
/// Where the labels end and the bars begin.
const AXIS: i32 = 170;
/// Kept free for the figure behind the longest bar.
const FIGURE: i32 = 90;
const FONT: i32 = 18;
const BAR_COLOUR: RGBColor = RGBColor(0x9c, 0x2a, 0x22);
const TEXT_COLOUR: RGBColor = RGBColor(0x22, 0x22, 0x22);

/// A bar of a chart.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is.
    pub value: i64,
    /// The figure as it is written.
    pub figure: String,
}

/// Horizontal bars with their labels and figures; empty when there is nothing to draw.
///
/// The labels are text, so that they can be read, searched and enlarged. The page shows the same figures as a table.
pub fn bars(bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or_default();
    if most <= 0 {
        return String::new();
    }
    let mut svg = String::new();
    if let Err(error) = draw(&mut svg, bars, most) {
        tracing::error!(error = %error, "a chart was not drawn");
        return String::new();
    }
    svg
}

fn draw(svg: &mut String, bars: &[Bar], most: i64) -> Result<(), Box<dyn std::error::Error>> {
    let rows = i32::try_from(bars.len())?;
    let height = u32::try_from(rows * ROW + 2 * MARGIN)?;
    let area = SVGBackend::with_string(svg, (u32::try_from(WIDTH)?, height)).into_drawing_area();
    for (row, bar) in (0..).zip(bars) {
        let top = MARGIN + row * ROW + (ROW - BAR) / 2;
        let middle = top + BAR / 2;
        let length = i64::from(WIDTH - AXIS - FIGURE) * bar.value.max(0) / most;
        let end = AXIS + i32::try_from(length)?;
        area.draw(&text(&bar.label, (AXIS - 8, middle), HPos::Right))?;
        area.draw(&Rectangle::new(
            [(AXIS, top), (end, top + BAR)],
            BAR_COLOUR.filled(),
        ))?;
        area.draw(&text(&bar.figure, (end + 6, middle), HPos::Left))?;
    }
    area.present()?;
    Ok(())
}

fn text(text: &str, at: (i32, i32), anchor: HPos) -> Text<'_, (i32, i32), String> {
    let style = ("sans-serif", FONT)
        .into_font()
        .color(&TEXT_COLOUR)
        .pos(Pos::new(anchor, VPos::Center));
    Text::new(text.to_owned(), at, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: i64) -> Bar {
        Bar {
            label: label.to_owned(),
            value,
            figure: value.to_string(),
        }
    }

    #[test]
    fn labels_and_figures_are_text_and_cannot_be_markup() {
        let svg = bars(&[bar("芦溪县", 10_485), bar("<script>alert(1)</script>", 1)]);
        assert!(svg.starts_with("<svg"));
        assert!(svg.contains("芦溪县") && svg.contains("10485"));
        assert!(!svg.contains("<script"));
        assert!(
            !svg.contains("style="),
            "an inline style would be refused by the page's policy"
        );
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(bars(&[]), "");
        assert_eq!(bars(&[bar("芦溪县", 0)]), "");
    }
}
