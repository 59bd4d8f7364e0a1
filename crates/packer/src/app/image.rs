//! A picture in memory, and scaling it.

/// Maximum width and height of a picture in pixels.
pub(super) const SIDE_MAX: usize = 4096;

/// The number of bytes of a pixel: red, green, blue and alpha.
pub(super) const PIXEL: usize = 4;

/// A picture. Its colours are not multiplied with alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    width: usize,
    height: usize,
    /// The pixels, row by row from the top.
    pixels: Vec<u8>,
}

impl Image {
    /// A transparent picture; `None` if it is empty or too large.
    pub(super) fn new(width: usize, height: usize) -> Option<Self> {
        let sides = 1..=SIDE_MAX;
        let is_supported = sides.contains(&width) && sides.contains(&height);
        is_supported.then(|| Self { width, height, pixels: vec![0; width * height * PIXEL] })
    }

    /// The longer side in pixels.
    pub(super) fn size(&self) -> usize {
        self.width.max(self.height)
    }

    /// The rows from the top.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.pixels.chunks_exact(self.width * PIXEL)
    }

    /// Sets a pixel, if it is within the picture.
    pub(super) fn set(&mut self, x: usize, y: usize, pixel: [u8; PIXEL]) {
        let at = (y * self.width + x) * PIXEL;
        if let Some(to) = self.pixels.get_mut(at..at + PIXEL).filter(|_| x < self.width) {
            to.copy_from_slice(&pixel);
        }
    }

    /// The picture in the middle of a transparent square, and scaled to this size. Each pixel is
    /// the mean of the area that it covers, computed in integers, so that it is the same on each
    /// machine.
    pub(super) fn squared(&self, size: usize) -> Self {
        let mut square = Self::new(self.size(), self.size()).unwrap_or_else(|| self.clone());
        let (left, top) = ((square.width - self.width) / 2, (square.height - self.height) / 2);
        for (y, row) in self.rows().enumerate() {
            let at = ((top + y) * square.width + left) * PIXEL;
            square.pixels[at..at + row.len()].copy_from_slice(row);
        }
        if square.width == size { square } else { square.scaled(size) }
    }

    /// A square picture in another size.
    fn scaled(&self, size: usize) -> Self {
        let mut scaled = Self { width: size, height: size, pixels: Vec::new() };
        for y in 0..size {
            let rows = covered(y, size, self.height);
            for x in 0..size {
                let mut mean = Mean::default();
                for (row, row_weight) in rows.clone() {
                    for (column, weight) in covered(x, size, self.width) {
                        let at = (row * self.width + column) * PIXEL;
                        mean.add(&self.pixels[at..at + PIXEL], row_weight * weight);
                    }
                }
                scaled.pixels.extend(mean.pixel());
            }
        }
        scaled
    }
}

/// The positions that a pixel covers of `from`, if there are `to` pixels, and how much of each.
fn covered(pixel: usize, to: usize, from: usize) -> impl Iterator<Item = (usize, u64)> + Clone {
    let (start, end) = (pixel * from, (pixel + 1) * from);
    (start / to..end.div_ceil(to)).map(move |position| {
        let weight = end.min((position + 1) * to) - start.max(position * to);
        (position, weight as u64)
    })
}

/// The mean of pixels with weights. Transparent ones do not add to its colour.
#[derive(Debug, Default)]
struct Mean {
    /// The sums of the colours, multiplied with alpha.
    colors: [u64; 3],
    alpha: u64,
    weight: u64,
}

impl Mean {
    fn add(&mut self, pixel: &[u8], weight: u64) {
        let alpha = u64::from(pixel[3]) * weight;
        for (sum, color) in self.colors.iter_mut().zip(pixel) {
            *sum += u64::from(*color) * alpha;
        }
        self.alpha += alpha;
        self.weight += weight;
    }

    fn pixel(&self) -> [u8; PIXEL] {
        let divided = |sum: u64, by: u64| {
            let rounded = (sum + by / 2).checked_div(by).unwrap_or(0);
            u8::try_from(rounded).unwrap_or(u8::MAX)
        };
        let [red, green, blue] = self.colors.map(|sum| divided(sum, self.alpha));
        [red, green, blue, divided(self.alpha, self.weight)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, pixels: &[[u8; PIXEL]]) -> Image {
        let pixels = pixels.concat();
        Image { width, height: pixels.len() / width / PIXEL, pixels }
    }

    #[test]
    fn a_scaled_pixel_is_the_mean_of_its_area() {
        const RED: [u8; 4] = [255, 0, 0, 255];
        const BLUE: [u8; 4] = [0, 0, 255, 255];
        const CLEAR: [u8; 4] = [0, 255, 0, 0];
        let rows = [
            (image(1, &[RED]), 1, image(1, &[RED])),
            (image(1, &[RED]), 2, image(2, &[RED; 4])),
            (image(2, &[RED, BLUE, RED, BLUE]), 1, image(1, &[[128, 0, 128, 255]])),
            // Transparent green leaves no trace.
            (image(2, &[RED, CLEAR, CLEAR, RED]), 1, image(1, &[[255, 0, 0, 128]])),
            (image(2, &[CLEAR; 4]), 1, image(1, &[[0; 4]])),
            // A wide picture is in the middle of a square.
            (image(2, &[RED, RED]), 2, image(2, &[RED, RED, [0; 4], [0; 4]])),
        ];
        for (from, size, expected) in rows {
            assert_eq!(from.squared(size), expected, "{from:?}");
        }
        let three = image(3, &[RED, RED, BLUE, RED, RED, BLUE, RED, RED, BLUE]).squared(2);
        let half = [85, 0, 170, 255];
        assert_eq!(three, image(2, &[RED, half, RED, half]));
    }

    #[test]
    fn a_picture_has_a_side_and_at_most_4096_pixels_on_each() {
        for (width, height, is_supported) in
            [(1, 1, true), (4096, 1, true), (4097, 1, false), (1, 4097, false), (0, 1, false)]
        {
            assert_eq!(Image::new(width, height).is_some(), is_supported, "{width} {height}");
        }
    }
}
