//! A set of page numbers, one bit for each.

use std::ops::Range;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageSet {
    words: Vec<u64>,
}

impl PageSet {
    /// Adds a page.
    pub(crate) fn insert(&mut self, page: usize) {
        self.insert_all(page..page + 1);
    }

    /// Adds pages.
    pub(crate) fn insert_all(&mut self, pages: Range<usize>) {
        if pages.is_empty() {
            return;
        }
        if self.words.len() * 64 < pages.end {
            self.words.resize(pages.end.div_ceil(64), 0);
        }
        for word in pages.start / 64..=(pages.end - 1) / 64 {
            let from = pages.start.saturating_sub(word * 64);
            let to = (pages.end - word * 64).min(64);
            self.words[word] |= (u64::MAX >> (64 - (to - from))) << from;
        }
    }

    /// Adds all pages of another set.
    pub(crate) fn add(&mut self, other: &PageSet) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Forgets the pages from this one on.
    pub(crate) fn cut(&mut self, pages: usize) {
        self.words.truncate(pages.div_ceil(64));
        if let Some(last) = self.words.get_mut(pages / 64) {
            *last &= (1 << (pages % 64)) - 1;
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The pages, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(index * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_set_that_was_put_in() {
        let mut set = PageSet::default();
        for range in [3..4, 60..200, 64..64, 500..512, 511..513, 640..704] {
            set.insert_all(range);
        }
        let expected: Vec<usize> = [3..4, 60..200, 500..513, 640..704].into_iter().flatten().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), expected);
        assert_eq!(set.count(), expected.len());
        let mut other = PageSet::default();
        other.insert(1000);
        other.add(&set);
        assert_eq!(other.count(), expected.len() + 1);
        other.cut(199);
        assert_eq!(other.iter().last(), Some(198));
    }
}
