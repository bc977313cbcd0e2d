"""The same model as a sum of products with one factor per feature or per qubit."""
